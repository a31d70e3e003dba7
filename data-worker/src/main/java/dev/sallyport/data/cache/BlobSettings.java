package dev.sallyport.data.cache;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.util.Optional;

/** Where blobs are kept: in a bucket, if one is named, else in a folder. */
@ConfigMapping(prefix = "sallyport.blob")
interface BlobSettings {
  /**
   * A folder for this worker's blobs. Absent: {@code sallyport-blobs-} and the user's name, in the
   * folder for temporary files.
   */
  Optional<String> directory();

  /**
   * How many bytes of files at the most; the oldest go. A single one may have a 64th of it. Default
   * 16 MiB, which fits the /tmp of a pod; 1 GiB in the local profile.
   */
  @WithDefault("16777216")
  long bytesMax();

  /** The bucket that all workers share. With it there is no folder. */
  Optional<String> bucket();

  /** A store that is not Amazon's: http or https, host and port. */
  Optional<URI> endpoint();

  /**
   * The bucket's region. Absent: {@code us-east-1} with an endpoint, else what Amazon's own tools
   * would take ({@code AWS_REGION} and so on).
   */
  Optional<String> region();

  /** What the names of our objects begin with; ends with a slash. */
  @WithDefault("sallyport/")
  String prefix();

  /** Whether the bucket is in the path instead of the host. Absent: with an endpoint alone. */
  Optional<Boolean> pathStyle();

  /**
   * A key with its secret. Absent: what Amazon's own tools would take: variables, a profile, the
   * pod's or the machine's role.
   */
  Optional<String> accessKey();

  /** Goes with the access key. */
  Optional<String> secretKey();
}
