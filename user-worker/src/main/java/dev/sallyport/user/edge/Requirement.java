package dev.sallyport.user.edge;

/** What a path asks of its caller. */
enum Requirement {
  ANONYMOUS,
  AUTHENTICATED
}
