// The part of CBOR (RFC 8949) that a ticket is written in: integers, bytes, text, arrays, maps, tags and null, each in
// its shortest form and of a stated length. Anything else is refused, so that one value has one way to be written.

const DEEPEST = 8;

export class Tagged {
  constructor(tag, value) {
    this.tag = tag;
    this.value = value;
  }
}

/** One value that fills all the bytes. Maps become Map. Throws for anything else. */
export function decode(bytes) {
  const reader = { bytes, at: 0 };
  const value = read(reader, 0);
  if (reader.at !== bytes.length) throw new Error("bytes are left over");
  return value;
}

function read(reader, depth) {
  if (depth > DEEPEST) throw new Error("too deep");
  const first = take(reader, 1)[0];
  const kind = first >> 5;
  if (kind === 7) {
    if (first === 0xf6) return null;
    if (first === 0xf4 || first === 0xf5) return first === 0xf5;
    throw new Error("a kind that no ticket has");
  }
  const number = argument(reader, first & 31);
  switch (kind) {
    case 0:
      return number;
    case 1:
      return -1 - number;
    case 2:
      return take(reader, number).slice();
    case 3:
      return new TextDecoder("utf-8", { fatal: true }).decode(take(reader, number));
    case 4:
      return Array.from({ length: bounded(reader, number) }, () => read(reader, depth + 1));
    case 5:
      return readMap(reader, bounded(reader, number), depth);
    default:
      return new Tagged(number, read(reader, depth + 1));
  }
}

function readMap(reader, count, depth) {
  const map = new Map();
  for (let entry = 0; entry < count; entry += 1) {
    const key = read(reader, depth + 1);
    if (map.has(key)) throw new Error("a key stands twice");
    map.set(key, read(reader, depth + 1));
  }
  return map;
}

function argument(reader, short) {
  if (short < 24) return short;
  if (short > 27) throw new Error("no stated length");
  const size = 1 << (short - 24);
  let number = 0;
  for (const byte of take(reader, size)) number = number * 256 + byte;
  const least = size === 1 ? 24 : 256 ** (size / 2);
  if (number < least || !Number.isSafeInteger(number)) throw new Error("not the shortest form");
  return number;
}

function bounded(reader, count) {
  if (count > reader.bytes.length - reader.at) throw new Error("more members than bytes");
  return count;
}

function take(reader, count) {
  const end = reader.at + count;
  if (end > reader.bytes.length) throw new Error("cut off");
  const part = reader.bytes.subarray(reader.at, end);
  reader.at = end;
  return part;
}

/** A byte or text string's head with its bytes behind it; `kind` 2 is bytes, 3 is text. */
export function encodeString(kind, bytes) {
  const { length } = bytes;
  const head =
    length < 24 ? [(kind << 5) | length] : length < 256 ? [(kind << 5) | 24, length] : [(kind << 5) | 25, length >> 8, length & 255];
  return Uint8Array.from([...head, ...bytes]);
}
