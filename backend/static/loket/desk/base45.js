// Base45 (RFC 9285): three signs stand for two bytes, two for one.

const SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/** The bytes of a text. Throws where it is no base45. */
export function decode(text) {
  if (text.length % 3 === 1) throw new Error("a sign is left over");
  const bytes = [];
  for (let at = 0; at < text.length; at += 3) {
    const values = [...text.slice(at, at + 3)].map((sign) => SIGNS.indexOf(sign));
    if (values.includes(-1)) throw new Error("not a sign of base45");
    const [low, middle, high = 0] = values;
    const number = low + 45 * middle + 2025 * high;
    if (values.length === 3) {
      if (number > 0xffff) throw new Error("too large for two bytes");
      bytes.push(number >> 8, number & 0xff);
    } else {
      if (number > 0xff) throw new Error("too large for a byte");
      bytes.push(number);
    }
  }
  return Uint8Array.from(bytes);
}
