// Clocks on the wall, and the instants that they show.

/** The instant that a clock in `zone` shows as `local` ("2026-11-24T09:30"), in seconds. */
export function seconds(local, zone) {
  const asUtc = Date.parse(`${local}:00Z`);
  const shift = (at) => Date.parse(`${new Date(at).toLocaleString("sv", { timeZone: zone }).replace(" ", "T")}Z`) - at;
  return (asUtc - shift(asUtc - shift(asUtc))) / 1000;
}
