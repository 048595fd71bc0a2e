// The sandbox's clock and how its times read. China has no daylight saving: local time is UTC+8 all year.

const OFFSET_SECONDS = 8 * 3600;
const DAY_SECONDS = 86400;
const WEEKDAYS = ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"];

let baseSeconds = Date.now() / 1000;
let baseAt = performance.now();

/** Sets the clock to what the sandbox told, epoch seconds. */
export function setClock(seconds) {
  baseSeconds = seconds;
  baseAt = performance.now();
}

/** The sandbox's time now, epoch seconds. */
export function clockNow() {
  return baseSeconds + (performance.now() - baseAt) / 1000;
}

function local(seconds) {
  return new Date((seconds + OFFSET_SECONDS) * 1000);
}

function two(number) {
  return String(number).padStart(2, "0");
}

/** `09:05` */
export function hourMinute(seconds) {
  const at = local(seconds);
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
}

/** `2026年11月23日 星期一 09:05:07` */
export function fullTime(seconds) {
  const at = local(seconds);
  const day = `${at.getUTCFullYear()}年${at.getUTCMonth() + 1}月${at.getUTCDate()}日`;
  return `${day} ${WEEKDAYS[at.getUTCDay()]} ${hourMinute(seconds)}:${two(at.getUTCSeconds())}`;
}

function dayNumber(seconds) {
  return Math.floor((seconds + OFFSET_SECONDS) / DAY_SECONDS);
}

/** As a chat shows it above messages: the hour today, `昨天 09:05`, the weekday within a week, else the date. */
export function chatTime(seconds, nowSeconds = clockNow()) {
  const at = local(seconds);
  const days = dayNumber(nowSeconds) - dayNumber(seconds);
  const hour = hourMinute(seconds);
  if (days === 0) return hour;
  if (days === 1) return `昨天 ${hour}`;
  if (days > 1 && days < 7) return `${WEEKDAYS[at.getUTCDay()]} ${hour}`;
  return `${at.getUTCFullYear()}年${at.getUTCMonth() + 1}月${at.getUTCDate()}日 ${hour}`;
}

/** Seconds until it is 8:30 in China next; a whole day when it is 8:30 right now. */
export function secondsToMorning(nowSeconds = clockNow()) {
  const sinceMidnight = (nowSeconds + OFFSET_SECONDS) % DAY_SECONDS;
  const morning = 8.5 * 3600;
  const wait = morning - sinceMidnight;
  return wait > 0 ? wait : wait + DAY_SECONDS;
}
