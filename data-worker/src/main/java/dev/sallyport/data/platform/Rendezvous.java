package dev.sallyport.data.platform;

/**
 * Rendezvous hashing (Thaler and Ravishankar, 1998): of all workers the one with the highest score
 * has a thing. Everyone who knows of the same workers comes to the same result, and what moves when
 * one comes or goes is its share alone. Pure.
 */
public final class Rendezvous {
  private Rendezvous() {}

  /**
   * How much this worker is meant; compare as unsigned.
   *
   * <p>Mixed as SplitMix64 does (Steele, Lea and Flood, 2014), so that near inputs lie far apart.
   */
  public static long score(String name, int part, long worker) {
    long mixed = name.hashCode() * 31L + part;
    for (long one : new long[] {worker, part}) {
      mixed += 0x9E3779B97F4A7C15L * (one + 1);
      mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
      mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
      mixed ^= mixed >>> 31;
    }
    return mixed;
  }
}
