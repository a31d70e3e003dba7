package dev.sallyport.user.binding;

/** Is told of every call that ended. */
public interface CallTrail {
  /** Called on event loops, many times a second: does not block, and does not fail. */
  void ended(EndedCall call);
}
