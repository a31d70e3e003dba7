package dev.sallyport.data.queue;

/** The partition belongs to somebody else by now; nothing was written. */
final class FencedException extends RuntimeException {
  FencedException(PartitionClaim claim) {
    super("partition " + claim.partition() + " was taken over");
  }
}
