// A sound for each tone, made on the spot: nothing is loaded. It can be switched off; words and colour say the same.

const PLACE = "loket-sound";
const NOTES = { go: [660, 880], wait: [520, 520], stop: [180, 140, 180], nothing: [300] };
let audio = null;

export const isOn = () => localStorage.getItem(PLACE) !== "off";
export const turn = (on) => localStorage.setItem(PLACE, on ? "on" : "off");

export function play(tone) {
  if (!isOn() || !(tone in NOTES)) return;
  try {
    audio ??= new AudioContext();
    NOTES[tone].forEach((pitch, place) => {
      const begin = audio.currentTime + place * 0.16;
      const source = audio.createOscillator();
      const volume = audio.createGain();
      source.type = tone === "stop" ? "square" : "sine";
      source.frequency.value = pitch;
      volume.gain.setValueAtTime(0.001, begin);
      volume.gain.exponentialRampToValueAtTime(0.2, begin + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.001, begin + 0.14);
      source.connect(volume).connect(audio.destination);
      source.start(begin);
      source.stop(begin + 0.15);
    });
  } catch {
    // a machine without a loudspeaker: words and colour are enough
  }
}
