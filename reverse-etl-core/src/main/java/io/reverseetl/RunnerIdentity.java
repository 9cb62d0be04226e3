package io.reverseetl;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names a runner in a lease so that after a crash the next one need not wait for the lease to
 * expire: where the name says that its process ran on this machine and among the processes that we
 * can see, and there is no such process any more, it is dead for sure.
 *
 * <p>Only Linux tells which processes we can see (containers that share a machine do not see each
 * other's); elsewhere nobody is known to be dead.
 */
final class RunnerIdentity {
  private static final Pattern NAME =
      Pattern.compile("(?<place>[0-9a-f-]+:[0-9]+)/(?<pid>[0-9]+)\\.t(?<start>[0-9]+)/.*");

  /** Where the start stands in a process's line, counted from what comes after its name. */
  private static final int START = 19;

  private static final Pattern NAMESPACE = Pattern.compile("pid:\\[([0-9]+)]");

  private RunnerIdentity() {}

  /** A new name. */
  static String create() {
    ProcessHandle process = ProcessHandle.current();
    return place().orElse("-")
        + "/"
        + process.pid()
        + ".t"
        + start(process)
        + "/"
        + UUID.randomUUID();
  }

  /** Whether the runner of this name has certainly ended. */
  static boolean isDead(String owner) {
    Matcher name = NAME.matcher(owner);
    if (!name.matches() || !place().equals(Optional.of(name.group("place")))) {
      return false;
    }
    Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(name.group("pid")));
    if (process.isEmpty() || !process.get().isAlive()) {
      return true;
    }
    // A process id may be given again; then the process has another start.
    long start = start(process.get());
    long named = Long.parseLong(name.group("start"));
    return start != 0 && named != 0 && start != named;
  }

  /**
   * When a process began, in ticks since the machine did; 0 if that is not known. A date would not
   * do: it is reckoned from what the clock says now, so two processes that ask before and after the
   * clock was set are told two dates, and a live runner would be taken for dead.
   */
  private static long start(ProcessHandle process) {
    try {
      String stat =
          Files.readString(
              Path.of("/proc/" + process.pid() + "/stat"), StandardCharsets.ISO_8859_1);
      // The program's name comes before, in brackets, and may hold anything.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
      return fields.length > START ? Long.parseLong(fields[START]) : 0;
    } catch (IOException | SecurityException e) {
      return 0;
    }
  }

  /** This boot of this machine, and the set of processes that can be seen in it. */
  private static Optional<String> place() {
    try {
      String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
      Matcher namespace =
          NAMESPACE.matcher(Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString());
      return namespace.matches() ? Optional.of(boot + ":" + namespace.group(1)) : Optional.empty();
    } catch (IOException | UnsupportedOperationException | SecurityException e) {
      return Optional.empty();
    }
  }
}
