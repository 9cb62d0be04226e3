package io.reverseetl.checkpoint;

import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.CheckpointException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Keeps each pipeline's checkpoint in one file of a folder. For a single machine: on a network file
 * system the compare-and-set is only as good as that file system's locks.
 *
 * <p>A pipeline's name becomes a file name, so it is made of letters and digits of ASCII, dots,
 * underscores and hyphens, begins with a letter or digit, and has at most 100 characters; the
 * generations of a pipeline add {@code @} and their id. Every save writes another file, forces it
 * to disk and renames it over the old one, so that a crash leaves the old checkpoint or the new
 * one. A small lock file beside each checkpoint stays there.
 *
 * <p>Thread-safe, also across processes and several stores of one folder.
 */
public final class FileCheckpointStore implements CheckpointStore {
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}(@[A-Za-z0-9-]{1,40})?");

  private final Path folder;

  private FileCheckpointStore(Path folder) {
    this.folder = Objects.requireNonNull(folder, "folder");
  }

  /**
   * A store in a folder.
   *
   * @param folder where the files are; made by the first save if it is not there
   * @return the store
   */
  public static FileCheckpointStore of(Path folder) {
    return new FileCheckpointStore(folder.toAbsolutePath().normalize());
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the name is not allowed, see the class
   */
  @Override
  public Optional<StoredCheckpoint> read(String pipeline) {
    Path file = file(pipeline);
    CheckpointFile found = load(file, pipeline);
    return found == null ? Optional.empty() : Optional.of(found.stored());
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the pipeline's name is not allowed, see the class
   */
  @Override
  public StoredCheckpoint create(Checkpoint checkpoint) {
    Path file = file(checkpoint.pipeline());
    return locked(
        file,
        () -> {
          if (load(file, checkpoint.pipeline()) != null) {
            throw new CheckpointConflictException(
                "Pipeline \""
                    + checkpoint.pipeline()
                    + "\" has a checkpoint already, in "
                    + file
                    + ". Another runner saved it; stop this one.");
          }
          return save(file, CheckpointFile.first(checkpoint));
        });
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the two are of different pipelines
   */
  @Override
  public StoredCheckpoint replace(Checkpoint checkpoint, StoredCheckpoint expected) {
    if (!checkpoint.pipeline().equals(expected.checkpoint().pipeline())) {
      throw new IllegalArgumentException(
          "A checkpoint replaces one of the same pipeline, but \""
              + checkpoint.pipeline()
              + "\" was to replace \""
              + expected.checkpoint().pipeline()
              + "\".");
    }
    Path file = file(checkpoint.pipeline());
    return locked(file, () -> save(file, expect(file, expected).next(checkpoint)));
  }

  @Override
  public void remove(StoredCheckpoint expected) {
    Path file = file(expected.checkpoint().pipeline());
    locked(
        file,
        () -> {
          expect(file, expected);
          try {
            Files.delete(file);
            forceFolder();
          } catch (IOException e) {
            throw new CheckpointException(
                "Cannot remove the checkpoint file " + file + ". See to the folder's rights.", e);
          }
          return expected;
        });
  }

  private CheckpointFile expect(Path file, StoredCheckpoint expected) {
    String pipeline = expected.checkpoint().pipeline();
    CheckpointFile found = load(file, pipeline);
    if (found == null || !found.tag().equals(expected.tag())) {
      throw new CheckpointConflictException(
          "The checkpoint of pipeline \""
              + pipeline
              + "\" was "
              + (found == null ? "removed" : "moved")
              + " by another runner ("
              + file
              + "). Stop this one.");
    }
    return found;
  }

  private Path file(String pipeline) {
    if (!NAME.matcher(pipeline).matches()) {
      throw new IllegalArgumentException(
          "Pipeline \""
              + pipeline
              + "\" cannot be the name of a file. Use 1 to 100 letters and digits of ASCII, dots,"
              + " underscores and hyphens, beginning with a letter or digit.");
    }
    return folder.resolve(pipeline + ".checkpoint.json");
  }

  private static @Nullable CheckpointFile load(Path file, String pipeline) {
    byte[] content;
    try {
      content = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw new CheckpointException(
          "Cannot read the checkpoint file " + file + ". See to its rights and to the disk.", e);
    }
    CheckpointFile found = CheckpointFile.parse(content, file);
    if (!found.checkpoint().pipeline().equals(pipeline)) {
      throw new CheckpointException(
          "The checkpoint file "
              + file
              + " is of pipeline \""
              + found.checkpoint().pipeline()
              + "\", not \""
              + pipeline
              + "\". This file system tells no letter case apart, or somebody renamed the file;"
              + " rename one of the pipelines.");
    }
    return found;
  }

  private StoredCheckpoint save(Path file, CheckpointFile content) {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try {
      // Not a channel, which an interrupt closes in the middle.
      try (FileOutputStream out = new FileOutputStream(fresh.toFile())) {
        out.write(content.toJson());
        out.getFD().sync();
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      forceFolder();
    } catch (IOException e) {
      throw new CheckpointException(
          "Cannot save the checkpoint file "
              + file
              + ". See to the disk and the folder's rights, and run again.",
          e);
    }
    return content.stored();
  }

  /** Makes a rename or removal durable, where the operating system lets a folder be opened. */
  private void forceFolder() throws IOException {
    // The rename or removal is done, so an interrupt only makes it be forced once more.
    boolean interrupted = false;
    try {
      while (true) {
        interrupted |= Thread.interrupted();
        try {
          forceFolderUnlessInterrupted();
          return;
        } catch (ClosedByInterruptException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void forceFolderUnlessInterrupted() throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(folder, StandardOpenOption.READ);
    } catch (IOException e) {
      return; // Windows: a folder cannot be opened, and renames are journaled.
    }
    try (channel) {
      channel.force(true);
    }
  }

  private StoredCheckpoint locked(Path file, Supplier<StoredCheckpoint> action) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new CheckpointException(
          "Cannot make the checkpoint folder " + folder + ". See to its rights.", e);
    }
    Path lock = file.resolveSibling(file.getFileName() + ".lock");
    try (FileLocks.Held held = FileLocks.acquire(lock)) {
      return action.get();
    } catch (IOException | UncheckedIOException e) {
      throw new CheckpointException(
          "Cannot lock " + lock + ". Nothing was saved; see to the folder's rights.", e);
    }
  }
}
