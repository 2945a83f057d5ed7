// A scanned ticket, checked in the page: docs/ticket.md says how it is made. The answers are those of
// `kiosk.domain.tickets.signature`, in the same order.

import { decode as fromBase45 } from "./base45.js";
import { Tagged, decode as fromCbor, encodeString } from "./cbor.js";

const PREFIX = "LK1:";
const LONGEST = 600;
const MOST_CLAIMS = 2048;
const ALPHABET = "34679ACDEFGHJKMNPQRTWXY";
const SEPARATORS = /[ \-–—._\t\r\n\u00a0]/g;

class Refused extends Error {}

/** Whether this text was made by a scanner, and is no code that somebody typed. */
export const isScanned = (text) => text.includes(":") || text.trim().length > 20;

/** The code as on paper, or null where a character is wrong. */
export function normalise(text) {
  const typed = text.toUpperCase().replace(SEPARATORS, "");
  const values = [...typed].map((sign) => ALPHABET.indexOf(sign));
  if (values.length !== 7 || values.includes(-1)) return null;
  const sum = values.reduce((total, value, place) => total + (place + 1) * value, 0);
  return sum % ALPHABET.length ? null : `${typed.slice(0, 3)}-${typed.slice(3, 6)}-${typed[6]}`;
}

/** Whether this browser can check signatures. */
export async function canCheck() {
  try {
    await crypto.subtle.importKey("raw", new Uint8Array(32), "Ed25519", false, ["verify"]);
    return typeof DecompressionStream === "function";
  } catch {
    return false;
  }
}

/** `{ result, claims }`; `keys` maps a key id to `{ x, kiosk, revoked_at }`. Never throws. */
export async function verify(text, keys, municipality) {
  try {
    const claims = await check(text.trim(), keys);
    return { result: claims.municipality === municipality ? "genuine" : "wrong-municipality", claims };
  } catch (problem) {
    return { result: problem instanceof Refused ? problem.message : "damaged", claims: null };
  }
}

async function check(scanned, keys) {
  const text = scanned.startsWith("]Q") ? scanned.slice(3) : scanned;
  if (!text.startsWith(PREFIX)) throw new Refused("not-a-ticket");
  if (text.length > LONGEST) throw new Refused("damaged");
  const { keyId, header, payload, signature } = envelope(fromBase45(text.slice(PREFIX.length)));
  const key = Object.hasOwn(keys, keyId) ? keys[keyId] : null;
  if (key === null) throw new Refused("unknown-kiosk");
  if (!(await isSigned(key.x, header, payload, signature))) throw new Refused("bad-signature");
  if (key.revoked_at) throw new Refused("revoked-kiosk");
  const claims = readClaims(fromCbor(await inflate(payload)));
  if (claims.kiosk !== key.kiosk) throw new Refused("bad-signature");
  return claims;
}

function envelope(bytes) {
  const tagged = fromCbor(bytes);
  if (!(tagged instanceof Tagged) || tagged.tag !== 18 || tagged.value.length !== 4) throw new Refused("damaged");
  const [header, unprotected, payload, signature] = tagged.value;
  const kid = fromCbor(header).get(4);
  const expected = [0xa2, 0x01, 0x27, 0x04, ...encodeString(2, kid)]; // { 1: EdDSA, 4: the key's id }
  const sound =
    unprotected instanceof Map &&
    unprotected.size === 0 &&
    payload instanceof Uint8Array &&
    signature instanceof Uint8Array &&
    signature.length === 64 &&
    header.length === expected.length &&
    header.every((byte, at) => byte === expected[at]);
  if (!sound) throw new Refused("damaged");
  return { keyId: new TextDecoder("utf-8", { fatal: true }).decode(kid), header, payload, signature };
}

async function isSigned(x, header, payload, signature) {
  const raw = Uint8Array.from(atob(x.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
  const context = encodeString(3, new TextEncoder().encode("Signature1"));
  const signed = Uint8Array.from([
    0x84, ...context, ...encodeString(2, header), ...encodeString(2, []), ...encodeString(2, payload),
  ]);
  return crypto.subtle.verify("Ed25519", key, signature, signed);
}

async function inflate(payload) {
  const reader = new Blob([payload]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  const bytes = [];
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes.push(...part.value);
    if (bytes.length > MOST_CLAIMS) throw new Refused("damaged");
  }
  return Uint8Array.from(bytes);
}

function readClaims(map) {
  const word = (key) => {
    const value = map.get(key);
    if (typeof value !== "string" || value.length === 0 || value.length > 80) throw new Refused("damaged");
    return value;
  };
  const moment = (value) => {
    if (!Number.isSafeInteger(value)) throw new Refused("damaged");
    return new Date(value * 1000);
  };
  const id = map.get(1);
  const code = normalise(word(2));
  const [state, cents] = map.get(8);
  if (!(id instanceof Uint8Array) || id.length !== 16 || code === null || !Number.isSafeInteger(cents)) throw new Refused("damaged");
  if (!["nothing", "paid", "due"].includes(state) || cents < 0) throw new Refused("damaged");
  const booked = map.get(7);
  const hex = [...id].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return {
    ticket: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"),
    code,
    municipality: word(3),
    kiosk: word(4),
    issuedAt: moment(map.get(5)),
    service: word(6),
    appointment: booked ? { start: moment(booked[0]), desk: booked[2] } : null,
    payment: { state, cents },
  };
}
