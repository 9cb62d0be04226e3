package io.reverseetl.delta;

import io.reverseetl.ChangeRunner;
import io.reverseetl.ChangeTask;
import io.reverseetl.ChangeUnit;
import io.reverseetl.KeyedChange;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A process that runs units and tasks of changes, which it is given as files; the shuffle is a
 * folder of files. After its first one it waits inside the next for its input, so that it can be
 * killed there.
 */
public final class ChangeProcess {
  private static final int SHARES = 4;

  private ChangeProcess() {}

  /** Arguments: the table, the work folder, the files of units or tasks. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path work = Path.of(args[1]);
    boolean pauses = false;
    try (DeltaTableSource source = DeltaTableSource.open(args[0]);
        ChangeRunner runner = ChangeRunner.of(UnitProcess.pipeline(source, work))) {
      for (String file : List.of(args).subList(2, args.length)) {
        String json = Files.readString(work.resolve(file));
        String result =
            file.startsWith("unit-")
                ? read(runner, ChangeUnit.ofJson(json), work, file)
                : runner
                    .write(ChangeTask.ofJson(json), share(ChangeTask.ofJson(json), work, pauses))
                    .toJson();
        Path fresh = work.resolve(file + "." + ProcessHandle.current().pid());
        Files.writeString(fresh, result);
        Files.move(fresh, work.resolve(file + ".result"), StandardCopyOption.ATOMIC_MOVE);
        UnitProcess.ROWS_TO_PAUSE.set(2);
        pauses = true;
      }
    }
  }

  private static String read(ChangeRunner runner, ChangeUnit unit, Path work, String file)
      throws IOException, InterruptedException {
    List<byte[]> changes = new ArrayList<>();
    String result = runner.read(unit, change -> changes.add(change.toBytes())).toJson();
    // Each process has files of its own; what a killed one left counts twice, which is no harm.
    Path output = work.resolve(file + "." + ProcessHandle.current().pid() + ".changes");
    try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(output))) {
      out.writeInt(changes.size());
      for (byte[] change : changes) {
        out.writeInt(change.length);
        out.write(change);
      }
    }
    return result;
  }

  private static java.util.Iterator<KeyedChange> share(ChangeTask task, Path work, boolean pauses)
      throws IOException {
    List<KeyedChange> own = new ArrayList<>();
    try (Stream<Path> files = Files.list(work)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".changes")).toList()) {
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
          for (int left = in.readInt(); left > 0; left--) {
            KeyedChange change = KeyedChange.ofBytes(in.readNBytes(in.readInt()));
            if (Math.floorMod(Arrays.hashCode(change.key()), SHARES) == task.share()) {
              own.add(change);
            }
          }
        }
      }
    }
    own.sort(KeyedChange.ORDER);
    int pauseAt = own.size() / 2;
    return own.stream()
        .peek(
            change -> {
              if (pauses && change == own.get(pauseAt)) {
                UnitProcess.pause();
              }
            })
        .iterator();
  }
}
