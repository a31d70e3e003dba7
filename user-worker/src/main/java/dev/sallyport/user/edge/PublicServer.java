package dev.sallyport.user.edge;

import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.HttpServerOptions;
import jakarta.enterprise.context.ApplicationScoped;

/** How the public port listens, beyond what configuration can say. */
@ApplicationScoped
class PublicServer implements HttpServerOptionsCustomizer {
  @Override
  public void customizeHttpServer(HttpServerOptions options) {
    harden(options);
  }

  @Override
  public void customizeHttpsServer(HttpServerOptions options) {
    harden(options);
  }

  /** HTTP/1 only: the framing rules are written for it, and a gateway in front may speak HTTP/2. */
  private static void harden(HttpServerOptions options) {
    options.setHttp2ClearTextEnabled(false).setUseAlpn(false).setDecompressionSupported(false);
    StrictFraming.install(options, HeadDeadline.WITHIN);
  }
}
