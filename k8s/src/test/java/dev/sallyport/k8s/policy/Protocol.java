package dev.sallyport.k8s.policy;

import org.jspecify.annotations.Nullable;

/** The three protocols that policies and Services know. A policy says nothing about any other. */
enum Protocol {
  TCP,
  UDP,
  SCTP;

  /** The one that the field names; TCP where it is absent, as the API server fills in. */
  static Protocol of(@Nullable String field) {
    return field == null ? TCP : valueOf(field);
  }
}
