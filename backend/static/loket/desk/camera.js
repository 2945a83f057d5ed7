// QR codes by camera. Where the browser reads them from pictures itself (BarcodeDetector) nothing leaves the page.
// Elsewhere (Chromium on Linux and Windows, Firefox) the square in the middle goes to the backend, which answers with
// the text and keeps nothing. What is outside the square, faces mostly, never leaves the page.

import { isScanned } from "./ticket.js";

const PAUSE = 250; // ms between two looks: four a second find a code, and leave machine and line their breath
const STILL_NOTHING = 15_000; // ms without a code until the page says how to hold the ticket
const REST = 120_000; // ms without a code until the camera goes off: nobody wants to be filmed for nothing
const AWAY = 2_000; // ms out of sight after which the same code counts as shown again
const SIDE = 900; // points: at half the square's width, five for each module of a ticket's code
const QUALITY = 0.8;

// Why there is no camera (getUserMedia, W3C Media Capture 10.3.1), in the words of `camera` in the page's texts.
const PROBLEMS = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "none",
  OverconstrainedError: "none",
  NotReadableError: "busy",
  AbortError: "busy",
};

/** There is no picture, or none was read: `reason` is a key of the page's `camera` texts. */
export class CameraProblem extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

async function open() {
  if (!navigator.mediaDevices) throw new CameraProblem("refused"); // no https, or a browser without cameras
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 960 } },
    });
  } catch (problem) {
    throw new CameraProblem(PROBLEMS[problem.name] ?? "none");
  }
}

async function ownReader() {
  if (!("BarcodeDetector" in window)) return null;
  if (!(await BarcodeDetector.getSupportedFormats()).includes("qr_code")) return null;
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  return async (canvas) => {
    const texts = (await detector.detect(canvas)).map((code) => code.rawValue);
    return texts.find(isScanned) ?? texts[0] ?? "";
  };
}

const sentReader = (read) => async (canvas) => {
  const jpeg = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  return read(jpeg);
};

/**
 * Show the camera in `video` and call `found` with the text of each new code. `read` takes a JPEG and gives its code's
 * text, "" for none, or throws CameraProblem. `say` gets what the page is to say now: "looking", "nothing", or a
 * problem. `ended` is called once, with "", "rest" or "gone". Gives a function that ends it; throws CameraProblem.
 */
export async function watch(video, { read, found, say, ended }) {
  const stream = await open();
  const readFrame = (await ownReader()) ?? sentReader(read);
  const canvas = document.createElement("canvas");
  let last = "";
  let seenAt = 0;
  let since = Date.now();
  let timer = null;
  let going = true;

  function end(why = "") {
    if (!going) return;
    going = false;
    clearTimeout(timer);
    stream.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
    ended(why);
  }

  function drawSquare() {
    const side = Math.min(video.videoWidth, video.videoHeight);
    canvas.width = canvas.height = Math.min(side, SIDE);
    const [left, top] = [(video.videoWidth - side) / 2, (video.videoHeight - side) / 2];
    canvas.getContext("2d").drawImage(video, left, top, side, side, 0, 0, canvas.width, canvas.height);
    return side > 0;
  }

  async function look() {
    let problem = "";
    let text = "";
    try {
      if (!document.hidden && drawSquare()) text = await readFrame(canvas);
    } catch (one) {
      problem = one.reason ?? "unread";
    }
    if (!going) return;
    const now = Date.now();
    if (text) {
      const shownAgain = text !== last || now - seenAt > AWAY;
      [last, seenAt, since] = [text, now, now];
      if (shownAgain) found(text);
    }
    if (now - since > REST) return end("rest");
    say(problem || (now - since > STILL_NOTHING ? "nothing" : "looking"));
    timer = setTimeout(look, PAUSE);
  }

  stream.getVideoTracks()[0].addEventListener("ended", () => end("gone"));
  video.srcObject = stream;
  await video.play();
  look();
  return () => end();
}
