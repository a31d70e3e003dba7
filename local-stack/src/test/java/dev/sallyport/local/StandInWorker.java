package dev.sallyport.local;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/**
 * A worker as the launcher sees one: it reads its ports from the environment, answers 200
 * everywhere, shows one variable, and ends with code 3 on {@code GET /crash}.
 */
final class StandInWorker {

  private static final int CRASHED = 3;

  private StandInWorker() {}

  public static void main(String[] arguments) throws Exception {
    serve("QUARKUS_HTTP_PORT");
    serve("QUARKUS_MANAGEMENT_PORT");
  }

  /** Puts this program where a built worker would be. */
  static void install(Path repository, String worker) throws Exception {
    Path jar = repository.resolve(worker).resolve("target/quarkus-app/quarkus-run.jar");
    Files.createDirectories(jar.getParent());
    var manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, StandInWorker.class.getName());
    String entry = StandInWorker.class.getName().replace('.', '/') + ".class";
    try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest);
        var in = StandInWorker.class.getResourceAsStream("/" + entry)) {
      out.putNextEntry(new JarEntry(entry));
      if (in != null) {
        in.transferTo(out);
      }
    }
  }

  private static void serve(String variable) throws Exception {
    int port = Integer.parseInt(System.getenv(variable));
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    HttpServer server = HttpServer.create(address, 0);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          if (path.equals("/crash")) {
            Runtime.getRuntime().halt(CRASHED);
          }
          String shown = String.valueOf(System.getenv("SALLYPORT_WORKER_ID"));
          byte[] body = shown.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }
}
