package dev.sallyport.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import redis.embedded.core.ExecutableProvider;

/** Redis 6.2 with an append-only file, flushed once a second: what it loses, it may lose. */
public final class RedisNode extends StoreServer {

  private static final String PROGRAM = "redis-server";
  private static final int CONNECT_MILLIS = 500;

  RedisNode(Path stack, int port) {
    super("redis", stack, port, "TERM");
  }

  /** For clients. */
  public String url() {
    return "redis://127.0.0.1:" + port();
  }

  @Override
  Command prepare() throws IOException {
    Directories.createPrivate(home());
    Path settings = home().resolve("redis.conf");
    Files.writeString(
        settings,
        """
        bind 127.0.0.1
        port %d
        dir %s
        appendonly yes
        appendfsync everysec
        save ""
        # Redis rewrites its command line; with this it still says whose data it serves.
        proc-title-template "{title} {config-file}"
        """
            .replace("%d", Integer.toString(port()))
            .replace("%s", quoted(home().toString())));
    return new Command(List.of(), List.of(program().toString(), settings.toString()), Map.of());
  }

  @Override
  boolean answers() {
    try (var socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port()), CONNECT_MILLIS);
      socket.setSoTimeout(CONNECT_MILLIS);
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      // While it still loads its file it answers -LOADING.
      byte[] answer = socket.getInputStream().readNBytes("+PONG".length());
      return new String(answer, StandardCharsets.US_ASCII).equals("+PONG");
    } catch (IOException notYet) {
      return false;
    }
  }

  private static Path program() {
    URL jar = ExecutableProvider.class.getResource("ExecutableProvider.class");
    if (jar == null) {
      throw StackError.unsupported("There is no Redis on the class path.");
    }
    return Binaries.folder(
            Binaries.versionOf(jar),
            folder -> {
              Path unpacked =
                  ExecutableProvider.newJarResourceProvider(folder.toFile()).get().toPath();
              Path program = folder.resolve(PROGRAM);
              if (!unpacked.equals(program)) {
                Files.move(unpacked, program);
              }
              Binaries.makeExecutable(program);
            })
        .resolve(PROGRAM);
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
