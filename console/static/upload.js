// Shows chosen photos and makes them smaller before they travel. The page works without it; the server trusts none of it.
"use strict";

const LONGEST = 1920;
const QUALITY = 0.82;
const SMALL_BYTES = 400 * 1024;

document.documentElement.classList.add("has-script");

function isPicture(file) {
  return file.type.startsWith("image/");
}

async function shrink(file) {
  if (!isPicture(file) || file.size <= SMALL_BYTES) return file;
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    if (!blob || blob.size >= file.size) return file;
    return new File([blob], "photo.jpg", { type: "image/jpeg" });
  } catch {
    // An old browser, or no picture at all: the server says what it thinks of it.
    return file;
  }
}

function show(field) {
  const box = field.querySelector(".previews");
  for (const image of box.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  box.replaceChildren();
  const files = [...field.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);
  for (const file of files) {
    if (!isPicture(file)) continue;
    const image = document.createElement("img");
    image.alt = "";
    image.src = URL.createObjectURL(file);
    box.append(image);
  }
  if (files.length) {
    const words = document.createElement("p");
    words.textContent = `已选${files.length}张，提交后一起上传。`;
    box.append(words);
  }
}

async function replaceFiles(input) {
  if (typeof DataTransfer === "undefined" || !input.files.length) return;
  const kept = new DataTransfer();
  for (const file of input.files) kept.items.add(await shrink(file));
  input.files = kept.files;
}

for (const field of document.querySelectorAll(".photos")) {
  field.addEventListener("change", () => show(field));
}

for (const form of document.querySelectorAll("form")) {
  let isReady = false;
  form.addEventListener("submit", async (event) => {
    if (isReady) return;
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    if (button.disabled) return;
    button.disabled = true;
    button.textContent = "正在提交…";
    for (const input of form.querySelectorAll("input[type=file]")) await replaceFiles(input);
    isReady = true;
    form.submit();
  });
}

// Back from elsewhere: an old picture of the page has an old form in it.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
