package dev.sallyport.user.route;

/**
 * One {@code routes.json} as some user-worker read it. Immutable.
 *
 * @param version as the text says, or 0
 * @param writtenAt when the file was last written, in milliseconds since the epoch
 * @param text as it was in the file
 * @param table what the text says
 */
record Edition(long version, long writtenAt, String text, RouteTable table) {
  /** Where there is no file. Anything supersedes it. */
  static final Edition NONE = new Edition(-1, 0, "", RouteTable.EMPTY);

  /**
   * Whether this is to be used rather than the other: the higher version, else the later one. Where
   * both were written at the same moment the texts decide, so that all workers agree.
   */
  boolean supersedes(Edition other) {
    if (text.equals(other.text)) {
      return false;
    }
    if (version != other.version) {
      return version > other.version;
    }
    return writtenAt == other.writtenAt
        ? text.compareTo(other.text) > 0
        : writtenAt > other.writtenAt;
  }
}
