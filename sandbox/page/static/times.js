// Local times and the instants that they stand for.

/** The instant, in seconds, at which a clock in `zone` shows `local` ("2026-11-24T09:30"). */
export function seconds(local, zone) {
  const asUtc = Date.parse(`${local}:00Z`);
  const shift = (at) => Date.parse(`${new Date(at).toLocaleString("sv", { timeZone: zone }).replace(" ", "T")}Z`) - at;
  return (asUtc - shift(asUtc - shift(asUtc))) / 1000;
}
