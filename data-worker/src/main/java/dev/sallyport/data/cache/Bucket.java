package dev.sallyport.data.cache;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.net.URI;
import java.util.Optional;
import java.util.Set;

/**
 * A bucket and how it is reached. Immutable; as text it has no keys.
 *
 * @param prefix what the names of our objects begin with
 * @param endpoint of a store that is not Amazon's
 * @param region of the bucket, unless the machine says it
 * @param keys unless the machine has a role
 */
record Bucket(
    String name,
    String prefix,
    Optional<URI> endpoint,
    Optional<String> region,
    boolean pathStyle,
    Optional<Keys> keys) {
  private static final int PREFIX_MAX = 200;
  private static final Set<String> SCHEMES = Set.of("http", "https");

  /** Who we are to the store. */
  record Keys(String access, String secret) {
    @Override
    public String toString() {
      return "keys";
    }
  }

  /**
   * The bucket that the settings name, if they name one.
   *
   * @throws ConfigurationException which ends the start with its sentence alone, no stack trace
   */
  static Optional<Bucket> of(BlobSettings settings) {
    if (settings.accessKey().isPresent() != settings.secretKey().isPresent()) {
      throw new ConfigurationException(
          "SALLYPORT_BLOB_ACCESS_KEY and SALLYPORT_BLOB_SECRET_KEY go together: set both or none");
    }
    settings.endpoint().ifPresent(Bucket::check);
    var prefix = settings.prefix();
    if (!prefix.endsWith("/") || prefix.startsWith("/") || prefix.length() > PREFIX_MAX) {
      throw new ConfigurationException(
          "SALLYPORT_BLOB_PREFIX ends with a slash, does not begin with one, and has "
              + PREFIX_MAX
              + " characters at the most");
    }
    return settings.bucket().map(name -> of(name, settings));
  }

  private static Bucket of(String name, BlobSettings settings) {
    boolean elsewhere = settings.endpoint().isPresent();
    return new Bucket(
        name,
        settings.prefix(),
        settings.endpoint(),
        settings.region().or(() -> elsewhere ? Optional.of("us-east-1") : Optional.empty()),
        settings.pathStyle().orElse(elsewhere),
        settings
            .accessKey()
            .flatMap(access -> settings.secretKey().map(secret -> new Keys(access, secret))));
  }

  private static void check(URI endpoint) {
    if (endpoint.getScheme() == null
        || !SCHEMES.contains(endpoint.getScheme())
        || endpoint.getHost() == null
        || endpoint.getUserInfo() != null) {
      throw new ConfigurationException(
          "SALLYPORT_BLOB_ENDPOINT is like https://store.example:9000, without a name or password");
    }
  }

  @Override
  public String toString() {
    return "bucket " + name + endpoint.map(uri -> " at " + uri).orElse("");
  }
}
