package dev.sallyport.system;

/**
 * What a process holds. Immutable.
 *
 * @param residentBytes all its pages in memory
 * @param proportionalBytes the same, each page shared by so many processes counted as a part of one
 */
record Memory(long residentBytes, long proportionalBytes) {
  static Memory of(long pid) {
    return new Memory(ProcessFigures.residentBytes(pid), ProcessFigures.proportionalBytes(pid));
  }
}
