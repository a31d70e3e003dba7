package dev.sallyport.data.cache;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Blobs as files, in {@value #FOLDERS} folders by the hash of their names. A file appears whole
 * under its name, by a rename. Each folder may hold its part of the bytes; in a full one the oldest
 * go. A blob that is larger than such a part is not kept. Blocks on the disk alone; thread-safe,
 * also beside other processes.
 *
 * <p>Nothing touches the disk before the first blob.
 */
final class FileBlobs implements Blobs {
  static final int FOLDERS = 64;

  /** What a file takes at the least on a usual disk. */
  private static final long FILE_MIN = 4096;

  private static final Pattern NAMES = Pattern.compile(NAME_FORM);
  private static final String UNFINISHED = ".new";

  private final Path directory;
  private final long folderMax;
  private final Duration keep;
  private final Clock clock;
  private final Object[] locks = new Object[FOLDERS];

  /** What each folder holds, as far as is known; -1 for one that nobody has looked into. */
  private final long[] held = new long[FOLDERS];

  private int next;

  /**
   * @param directory made when it is needed, for this user alone
   * @param bytesMax in all
   * @param keep older ones count as gone
   */
  FileBlobs(Path directory, long bytesMax, Duration keep, Clock clock) {
    this.directory = directory;
    this.folderMax = bytesMax / FOLDERS;
    this.keep = keep;
    this.clock = clock;
    for (int i = 0; i < FOLDERS; i++) {
      locks[i] = new Object();
      held[i] = -1;
    }
  }

  @Override
  public Optional<Blob> get(String name) throws BlobsAway {
    var file = file(hash(name));
    try {
      var bytes = Files.readAllBytes(file);
      var age = age(Files.getLastModifiedTime(file));
      return age.compareTo(keep) < 0 ? Optional.of(new Blob(bytes, age)) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw away("read", e);
    }
  }

  private Duration age(FileTime modified) {
    var age = Duration.between(modified.toInstant(), clock.instant());
    return age.isNegative() ? Duration.ZERO : age;
  }

  @Override
  public void put(String name, byte[] bytes) throws BlobsAway {
    if (size(bytes.length) > folderMax) {
      delete(name);
      return;
    }
    var hash = hash(name);
    int folder = folder(hash);
    var file = file(hash);
    var unfinished = file.resolveSibling(UUID.randomUUID() + UNFINISHED);
    try {
      createFolder(folder);
      try {
        Files.write(unfinished, bytes);
        Files.setLastModifiedTime(unfinished, FileTime.from(clock.instant()));
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(unfinished);
      }
      makeRoom(folder, size(bytes.length));
    } catch (IOException e) {
      throw away("write", e);
    }
  }

  @Override
  public void delete(String name) throws BlobsAway {
    try {
      Files.deleteIfExists(file(hash(name)));
    } catch (IOException e) {
      throw away("delete", e);
    }
  }

  /** Removes what is too old from the next folder: one of {@value #FOLDERS} at each call. */
  void sweep() throws BlobsAway {
    int folder;
    synchronized (this) {
      folder = next;
      next = (next + 1) % FOLDERS;
    }
    try {
      synchronized (locks[folder]) {
        if (Files.isDirectory(path(folder))) {
          held[folder] = clear(folder, Long.MAX_VALUE);
        }
      }
    } catch (IOException e) {
      throw away("sweep", e);
    }
  }

  private void makeRoom(int folder, long more) throws IOException {
    synchronized (locks[folder]) {
      held[folder] = held[folder] < 0 ? clear(folder, folderMax) : held[folder] + more;
      if (held[folder] > folderMax) {
        // A little more than needed, so that not each blob lists the folder.
        held[folder] = clear(folder, folderMax - folderMax / 8);
      }
    }
  }

  private record Kept(Path file, long size, Instant at) {}

  /** Removes what is too old, and of the rest the oldest over {@code max}; says what is left. */
  private long clear(int folder, long max) throws IOException {
    var oldest = clock.instant().minus(keep);
    List<Kept> kept = new ArrayList<>();
    long left = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path(folder))) {
      for (var file : files) {
        var one = look(file);
        if (one == null) {
          continue;
        }
        if (one.at().isBefore(oldest) || isForgotten(one)) {
          Files.deleteIfExists(file);
        } else {
          kept.add(one);
          left += one.size();
        }
      }
    }
    if (left > max) {
      kept.sort(Comparator.comparing(Kept::at));
      for (var one : kept) {
        if (left <= max) {
          break;
        }
        Files.deleteIfExists(one.file());
        left -= one.size();
      }
    }
    return left;
  }

  private static @Nullable Kept look(Path file) throws IOException {
    try {
      var about = Files.readAttributes(file, BasicFileAttributes.class);
      return new Kept(file, size(about.size()), about.lastModifiedTime().toInstant());
    } catch (NoSuchFileException gone) {
      return null; // Others use the folder, too.
    }
  }

  /** What a worker began that was killed. */
  private boolean isForgotten(Kept one) {
    return one.file().toString().endsWith(UNFINISHED)
        && one.at().isBefore(clock.instant().minusSeconds(60));
  }

  private static long size(long bytes) {
    return Math.max(bytes, FILE_MIN);
  }

  private void createFolder(int folder) throws IOException {
    var path = path(folder);
    if (!Files.isDirectory(path)) {
      var ownerOnly =
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
      Files.createDirectories(path, ownerOnly);
    }
  }

  private Path file(String hash) {
    return path(folder(hash)).resolve(hash);
  }

  private Path path(int folder) {
    return directory.resolve(HexFormat.of().toHexDigits((byte) folder));
  }

  private static int folder(String hash) {
    return Integer.parseInt(hash, 0, 2, 16) % FOLDERS;
  }

  /** Names are hashed so that no name can lead out of the folder. */
  private static String hash(String name) {
    if (!NAMES.matcher(name).matches()) {
      throw new IllegalArgumentException("a blob is named like " + NAME_FORM);
    }
    try {
      var hash = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static BlobsAway away(String what, IOException why) {
    return new BlobsAway("cannot " + what + ": " + why, why);
  }
}
