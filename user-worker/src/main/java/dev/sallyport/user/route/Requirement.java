package dev.sallyport.user.route;

/** What a path asks of its caller. */
public enum Requirement {
  ANONYMOUS,
  AUTHENTICATED,
  /** Signed in, with the role {@code admin}. */
  ADMIN
}
