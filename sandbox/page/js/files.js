// Files on their way to the sandbox, and a made photograph for who has none at hand.

/** The bytes of a file in base64. */
export async function toBase64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  const step = 0x8000;
  for (let at = 0; at < bytes.length; at += step) text += String.fromCharCode(...bytes.subarray(at, at + step));
  return btoa(text);
}

/** Lets the person choose; `accept` as in HTML. Empty when nothing was chosen. */
export function chooseFiles(accept, isMultiple = false) {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    Object.assign(input, { type: "file", accept, multiple: isMultiple, hidden: true });
    input.dataset.testid = "file-input";
    const done = () => {
      resolve([...input.files]);
      input.remove();
    };
    input.addEventListener("change", done);
    input.addEventListener("cancel", done);
    document.body.append(input);
    input.click();
  });
}

/** Pictures among what was pasted. */
export function pastedPictures(event) {
  return [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
}

const GROUND = { resident: ["#8f9aa3", "#5d666d"], worker: ["#93a68c", "#5f7458"] };

/** A made photograph of a manhole, flooded before the work and dry after it, with the time in its corner. */
export function takePhoto(kind, stamp) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
  const draw = canvas.getContext("2d");
  paintGround(draw, GROUND[kind]);
  if (kind === "resident") paintWater(draw);
  paintCover(draw);
  draw.font = "24px sans-serif";
  draw.fillStyle = "#fff";
  draw.fillText(`${kind === "resident" ? "现场" : "处理后"}  ${stamp}`, 24, 452);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
}

function paintGround(draw, [near, far]) {
  const fade = draw.createLinearGradient(0, 0, 0, 480);
  fade.addColorStop(0, far);
  fade.addColorStop(1, near);
  draw.fillStyle = fade;
  draw.fillRect(0, 0, 640, 480);
  draw.strokeStyle = "rgba(255,255,255,.16)";
  for (let x = -240; x <= 880; x += 80) line(draw, 320 + (x - 320) * 0.4, 0, x, 480);
  for (const y of [40, 100, 190, 320]) line(draw, 0, y, 640, y);
}

function line(draw, fromX, fromY, toX, toY) {
  draw.beginPath();
  draw.moveTo(fromX, fromY);
  draw.lineTo(toX, toY);
  draw.stroke();
}

function paintWater(draw) {
  draw.fillStyle = "rgba(62,52,38,.72)";
  for (const [x, y, wide, high] of [[330, 290, 220, 92], [180, 340, 120, 40], [470, 250, 90, 34]]) oval(draw, x, y, wide, high);
}

function paintCover(draw) {
  draw.fillStyle = "#33383c";
  oval(draw, 320, 270, 104, 50);
  draw.fillStyle = "#4a5157";
  oval(draw, 320, 264, 94, 43);
  draw.fillStyle = "#33383c";
  for (let row = -1; row <= 1; row += 1) for (let hole = -2; hole <= 2; hole += 1) oval(draw, 320 + hole * 30, 264 + row * 18, 8, 4);
}

function oval(draw, x, y, wide, high) {
  draw.beginPath();
  draw.ellipse(x, y, wide, high, 0, 0, Math.PI * 2);
  draw.fill();
}
