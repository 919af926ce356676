/** The reference: 1.47 GB in 3,000 files, p50 122 KB, p99 5.8 MB, largest 87 MB. */
export const REFERENCE = {
  bytes: 1_470_000_000,
  files: 3000,
  medianBytes: 122_000,
  p99Bytes: 5_800_000,
  largestBytes: 87_000_000,
};

/** The 99th percentile of a normal distribution. */
const Z99 = 2.326;

/**
 * Sizes of files, smallest first, that together are about `bytes`: log-normal between the median and the 99th
 * percentile of the reference, with one largest file in proportion.
 */
export function corpusSizes(bytes: number): number[] {
  const files = Math.max(1, Math.round((REFERENCE.files * bytes) / REFERENCE.bytes));
  const spread = Math.log(REFERENCE.p99Bytes / REFERENCE.medianBytes) / Z99;
  const sizes = Array.from({ length: files }, (_, index) => {
    return Math.round(REFERENCE.medianBytes * Math.exp(spread * normalQuantile((index + 0.5) / files)));
  });
  const largest = Math.min(REFERENCE.largestBytes, Math.round((REFERENCE.largestBytes * bytes) / REFERENCE.bytes));
  if (files > 1 && largest > sizes.at(-1)!) sizes[files - 1] = largest;
  return sizes;
}

/** Where a normal distribution has that part below it (bisection of its integral, by the logistic form of Abramowitz and Stegun 26.2.17). */
function normalQuantile(part: number): number {
  let [low, high] = [-8, 8];
  for (let step = 0; step < 50; step += 1) {
    const middle = (low + high) / 2;
    if (normalIntegral(middle) < part) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function normalIntegral(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const factors = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const sum = factors.reduceRight((total, factor) => (total + factor) * t, 0);
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum;
  return z < 0 ? tail : 1 - tail;
}
