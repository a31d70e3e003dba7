package dev.sallyport.user.auth;

import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.EllipticCurveJsonWebKey;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/** An issuer that the user-worker under test trusts, addresses included. */
public final class OtherIssuer implements QuarkusTestResourceLifecycleManager {
  static final String URL = "https://issuer.example";

  // Kept in properties, since Quarkus loads this class more than once.
  static final EllipticCurveJsonWebKey KEY = key("P-256");
  static final EllipticCurveJsonWebKey NOT_ALLOWED = key("P-384");

  private @Nullable HttpServer server;

  private static EllipticCurveJsonWebKey key(String curve) {
    var kept = System.getProperty("other-issuer." + curve);
    try {
      if (kept != null) {
        return (EllipticCurveJsonWebKey) PublicJsonWebKey.Factory.newPublicJwk(kept);
      }
      var made =
          EcJwkGenerator.generateJwk(
              curve.equals("P-256") ? EllipticCurves.P256 : EllipticCurves.P384);
      made.setKeyId(curve);
      System.setProperty(
          "other-issuer." + curve, made.toJson(JsonWebKey.OutputControlLevel.INCLUDE_PRIVATE));
      return made;
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Map<String, String> start() {
    try {
      var made = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      var keys = new JsonWebKeySet(KEY, NOT_ALLOWED).toJson().getBytes(StandardCharsets.UTF_8);
      made.createContext(
          "/keys",
          exchange -> {
            exchange.sendResponseHeaders(200, keys.length);
            try (var body = exchange.getResponseBody()) {
              body.write(keys);
            }
          });
      made.start();
      server = made;
      var issuer = "sallyport.auth.issuers.other.";
      return Map.of(
          issuer + "url", URL,
          issuer + "jwks-url", "http://127.0.0.1:" + made.getAddress().getPort() + "/keys",
          issuer + "audience", "sallyport-here",
          issuer + "algorithms", "ES256,EdDSA",
          issuer + "trust-email", "true");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stop() {
    Objects.requireNonNull(server).stop(0);
  }
}
