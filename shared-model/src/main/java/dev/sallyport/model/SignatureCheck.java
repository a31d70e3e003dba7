package dev.sallyport.model;

import java.time.Duration;

/** What the data-worker finds when it looks at a call's signature. */
public sealed interface SignatureCheck {
  /** Signed by a key we know, within the tolerance. */
  record Valid() implements SignatureCheck {}

  /** No signature at all. */
  record Missing() implements SignatureCheck {}

  /** Not of the form {@code v1;kid=…;ts=…;mac=…}. */
  record Malformed() implements SignatureCheck {}

  /** Signed with a key that is not, or no longer, ours. */
  record UnknownKey() implements SignatureCheck {}

  /** Our key, another content. */
  record Wrong() implements SignatureCheck {}

  /** Rightly signed, at a time too far from ours; positive when the signer's clock is behind. */
  record Skewed(Duration behind) implements SignatureCheck {}
}
