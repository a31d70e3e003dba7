package dev.sallyport.data.cache;

import dev.sallyport.data.platform.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Blobs as objects in a bucket that all workers share. Larger ones than {@value #BYTES_MAX} bytes
 * are neither kept nor read. What is too old is not given back; the bucket's lifecycle rule removes
 * it. An age is the difference of two times that the store told in one answer, to the second.
 *
 * <p>The client is made by the first call. Blocks; thread-safe.
 */
final class S3Blobs implements Blobs, AutoCloseable {
  /** The largest value of a cache, and its head. */
  static final int BYTES_MAX = CacheOptions.BYTES_MAX + 1024;

  private static final int CALLS_MAX = 64;
  private static final int TRIES = 2;

  // The store's own limits end before ours, and all of it within ANSWER_WITHIN.
  private static final Duration ROOM_WITHIN = Duration.ofMillis(200);
  private static final Duration CONNECT_WITHIN = Duration.ofMillis(500);
  private static final Duration CALL_WITHIN = Duration.ofMillis(1600);
  private static final Duration GIVE_UP_AFTER = Duration.ofMillis(1800);

  private static final int NOT_FOUND = 404;
  private static final Pattern NAMES = Pattern.compile(NAME_FORM);

  /** Sends a body without asking first: it is small, and a store that does not answer costs 5 s. */
  private static final class AtOnce implements ExecutionInterceptor {
    @Override
    public SdkHttpRequest modifyHttpRequest(
        Context.ModifyHttpRequest context, ExecutionAttributes attributes) {
      return context.httpRequest().copy(request -> request.removeHeader("Expect"));
    }
  }

  private final Bucket bucket;
  private final Duration keep;
  private final Ticker ticker;
  private final Calls calls = new Calls(CALLS_MAX, ROOM_WITHIN, GIVE_UP_AFTER);
  private @Nullable S3Client made;

  /**
   * @param keep older ones count as gone
   */
  S3Blobs(Bucket bucket, Duration keep, Ticker ticker) {
    this.bucket = bucket;
    this.keep = keep;
    this.ticker = ticker;
  }

  @Override
  public Optional<Blob> get(String name) throws BlobsAway {
    var key = key(name);
    return call("read", client -> read(client, key)).filter(blob -> blob.age().compareTo(keep) < 0);
  }

  private Optional<Blob> read(S3Client client, String key) {
    try {
      return client.getObject(request -> request.bucket(bucket.name()).key(key), S3Blobs::blob);
    } catch (S3Exception e) {
      if (isNoObject(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** No such object, as opposed to no such bucket. */
  private static boolean isNoObject(S3Exception e) {
    return e.statusCode() == NOT_FOUND
        && (e.awsErrorDetails() == null || !"NoSuchBucket".equals(e.awsErrorDetails().errorCode()));
  }

  private static Optional<Blob> blob(GetObjectResponse found, AbortableInputStream content)
      throws IOException {
    var age = age(found);
    if (age.isEmpty()) {
      content.abort();
      return Optional.empty();
    }
    var bytes = content.readNBytes(BYTES_MAX + 1);
    if (bytes.length > BYTES_MAX) {
      // Somebody else's.
      content.abort();
      return Optional.empty();
    }
    return Optional.of(new Blob(bytes, age.get()));
  }

  /** Unknown where the store does not tell the time: then it may be any age. */
  private static Optional<Duration> age(GetObjectResponse found) {
    var date = found.sdkHttpResponse().firstMatchingHeader("Date");
    if (date.isEmpty() || found.lastModified() == null) {
      return Optional.empty();
    }
    try {
      var now = ZonedDateTime.parse(date.get(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      var age = Duration.between(found.lastModified(), now);
      return Optional.of(age.isNegative() ? Duration.ZERO : age);
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  @Override
  public void put(String name, byte[] bytes) throws BlobsAway {
    if (bytes.length > BYTES_MAX) {
      delete(name);
      return;
    }
    var key = key(name);
    long until = ticker.nanos() + GIVE_UP_AFTER.toNanos();
    call(
        "write",
        client -> {
          write(client, key, bytes);
          if (ticker.nanos() - until > 0) {
            remove(client, key);
          }
          return true;
        });
  }

  /** Who does not hear that it was kept takes it for lost: it must not appear later. */
  private void write(S3Client client, String key, byte[] bytes) {
    try {
      var _ =
          client.putObject(
              request ->
                  request.bucket(bucket.name()).key(key).contentType("application/octet-stream"),
              RequestBody.fromBytes(bytes));
    } catch (SdkException e) {
      try {
        remove(client, key);
      } catch (SdkException more) {
        e.addSuppressed(more);
      }
      throw e;
    }
  }

  @Override
  public void delete(String name) throws BlobsAway {
    var key = key(name);
    call(
        "delete",
        client -> {
          remove(client, key);
          return true;
        });
  }

  private void remove(S3Client client, String key) {
    try {
      var _ = client.deleteObject(request -> request.bucket(bucket.name()).key(key));
    } catch (S3Exception e) {
      if (!isNoObject(e)) {
        throw e;
      }
    }
  }

  private <T> T call(String what, Function<S3Client, T> use) throws BlobsAway {
    try {
      return calls.call(() -> use.apply(client()));
    } catch (ExecutionException e) {
      throw away(what, e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw away(what, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw away(what, e);
    }
  }

  private String key(String name) {
    if (!NAMES.matcher(name).matches()) {
      throw new IllegalArgumentException("a blob is named like " + NAME_FORM);
    }
    return bucket.prefix() + name;
  }

  private BlobsAway away(String what, Throwable why) {
    return new BlobsAway("cannot " + what + " in " + bucket + ": " + why.getMessage(), why);
  }

  private synchronized S3Client client() {
    var client = made;
    if (client == null) {
      client = make();
      made = client;
    }
    return client;
  }

  private S3Client make() {
    var builder =
        S3Client.builder()
            .forcePathStyle(bucket.pathStyle())
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(CONNECT_WITHIN)
                    .socketTimeout(CALL_WITHIN))
            // Not every store of this kind knows the newer checksums and the chunks.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .serviceConfiguration(service -> service.chunkedEncodingEnabled(false))
            .overrideConfiguration(settings ->
                settings
                    .apiCallTimeout(CALL_WITHIN)
                    .addExecutionInterceptor(new AtOnce())
                    .retryStrategy(
                        AwsRetryStrategy.standardRetryStrategy().toBuilder()
                            .maxAttempts(TRIES)
                            .build()));
    bucket.region().map(Region::of).ifPresent(builder::region);
    bucket.endpoint().ifPresent(builder::endpointOverride);
    bucket
        .keys()
        .map(keys -> AwsBasicCredentials.create(keys.access(), keys.secret()))
        .map(StaticCredentialsProvider::create)
        .ifPresent(builder::credentialsProvider);
    return builder.build();
  }

  @Override
  public synchronized void close() {
    if (made != null) {
      made.close();
    }
  }
}
