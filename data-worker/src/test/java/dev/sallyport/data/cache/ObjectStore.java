package dev.sallyport.data.cache;

import java.net.URI;
import java.util.Optional;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.blobstore.TransientApiMetadata;

/** An S3 server in this process, on a free port of the loopback; keeps everything in memory. */
final class ObjectStore {
  static final String ACCESS_KEY = "access-of-tests";
  static final String SECRET_KEY = "secret-of-tests";

  final BlobStore behind;
  private final BlobStoreContext context;
  private final S3Proxy server;

  ObjectStore() throws Exception {
    context =
        // By its class: by its name all that s3proxy could stand before would be looked up.
        ContextBuilder.newBuilder(new TransientApiMetadata())
            .credentials("any", "any")
            .build(BlobStoreContext.class);
    behind = context.getBlobStore();
    server =
        S3Proxy.builder()
            .blobStore(behind)
            .endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ACCESS_KEY, SECRET_KEY)
            .build();
    server.start();
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getPort());
  }

  /** An empty bucket. */
  Bucket bucket(String name) {
    behind.deleteContainer(name);
    behind.createContainerInLocation(null, name);
    return bucketAt(endpoint(), name, SECRET_KEY);
  }

  static Bucket bucketAt(URI endpoint, String name, String secret) {
    return new Bucket(
        name,
        "sallyport/",
        Optional.of(endpoint),
        Optional.of("us-east-1"),
        true,
        Optional.of(new Bucket.Keys(ACCESS_KEY, secret)));
  }

  void stop() throws Exception {
    server.stop();
    context.close();
  }
}
