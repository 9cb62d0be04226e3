package io.reverseetl.bench;

import io.reverseetl.bench.ChangePlan.Effect;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Writes a Delta table of any size: twelve columns, about 400 bytes a row as JSON, values that are
 * functions of the row's number, deletion vectors and the change data feed switched on. Version 0
 * holds the rows; each later commit updates, inserts and deletes some, by rewriting files, with
 * change data files next to them. Memory does not grow with the number of rows.
 *
 * <pre>{@code
 * java -cp reverse-etl.jar io.reverseetl.bench.TableGenerator \
 *     --rows 1000000 --files 8 --commits 20 --out big-table
 * }</pre>
 */
@Command(
    name = "TableGenerator",
    mixinStandardHelpOptions = true,
    description = "Writes a Delta table for benchmarks.")
public final class TableGenerator implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--rows", required = true, paramLabel = "N", description = "How many rows.")
  private long rows;

  @Option(
      names = "--files",
      paramLabel = "N",
      defaultValue = "8",
      description = "How many files hold them. Default: ${DEFAULT-VALUE}.")
  private int files;

  @Option(
      names = "--commits",
      paramLabel = "N",
      defaultValue = "0",
      description = "How many commits then change rows. Default: ${DEFAULT-VALUE}.")
  private int commits;

  @Option(
      names = "--updated",
      paramLabel = "PERCENT",
      defaultValue = "1",
      description = "How many of the rows a commit updates. Default: ${DEFAULT-VALUE}.")
  private double updated;

  @Option(
      names = "--inserted",
      paramLabel = "PERCENT",
      defaultValue = "0.5",
      description = "How many, of the rows of version 0, it inserts. Default: ${DEFAULT-VALUE}.")
  private double inserted;

  @Option(
      names = "--deleted",
      paramLabel = "PERCENT",
      defaultValue = "0.1",
      description = "How many of the rows it deletes. Default: ${DEFAULT-VALUE}.")
  private double deleted;

  @Option(
      names = "--change-files",
      paramLabel = "N",
      defaultValue = "8",
      description = "How many change data files it writes. Default: ${DEFAULT-VALUE}.")
  private int changeFiles;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "The table's folder: a new one, or an empty one.")
  private Path out;

  private TableGenerator() {}

  /**
   * Writes a table.
   *
   * @param args the options; {@code --help} lists them
   */
  public static void main(String[] args) {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "error");
    System.exit(commandLine().execute(args));
  }

  /**
   * The generator, to be called from another program.
   *
   * @return a new one
   */
  public static CommandLine commandLine() {
    return new CommandLine(new TableGenerator());
  }

  @Override
  public Integer call() throws IOException {
    check(rows >= 1, "--rows: at least 1.");
    check(files >= 1 && files <= rows, "--files: at least 1, and at most the number of rows.");
    check(commits >= 0, "--commits: at least 0.");
    check(
        updated >= 0 && inserted >= 0 && deleted >= 0 && updated + deleted <= 12.5,
        "--updated, --inserted, --deleted: at least 0; --updated and --deleted at most 12.5"
            + " together.");
    check(changeFiles >= 1, "--change-files: at least 1.");
    if (Files.exists(out)) {
      try (Stream<Path> old = Files.list(out)) {
        check(old.findAny().isEmpty(), "--out: " + out + " is not empty.");
      }
    }
    ChangePlan plan =
        new ChangePlan(rows, files, commits, updated / 100, inserted / 100, deleted / 100);
    generate(plan, changeFiles, out, spec.commandLine().getOut());
    return 0;
  }

  private void check(boolean right, String message) {
    if (!right) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  /**
   * Writes a table.
   *
   * @param plan how large it is, and what its commits do
   * @param changeFiles how many change data files each commit has
   * @param table its folder
   * @param progress where each version is told
   */
  static void generate(ChangePlan plan, int changeFiles, Path table, PrintWriter progress)
      throws IOException {
    Files.createDirectories(table);
    TableLog log = new TableLog(table);
    log.create();
    BenchRow row = new BenchRow();
    List<String> current = new ArrayList<>();
    for (int file = 0; file < plan.files(); file++) {
      current.add(writeFile(plan, file, table, log, row));
    }
    log.commit("WRITE");
    progress.printf("version 0: %,d rows in %,d files%n", plan.rows(), plan.files());
    progress.flush();
    for (int commit = 1; commit <= plan.commits(); commit++) {
      new Commit(plan, commit, table, log, row).write(current, changeFiles, progress);
    }
  }

  private static String writeFile(ChangePlan plan, int file, Path table, TableLog log, BenchRow row)
      throws IOException {
    RowFile out = RowFile.data(table, "part-%05d-0.snappy.parquet".formatted(file));
    try (out) {
      for (long number = plan.firstRow(file); number < plan.firstRow(file + 1); number++) {
        row.set(number, 0);
        out.write(row);
      }
    }
    log.add(out);
    return out.name();
  }

  /** One commit that changes rows. */
  private static final class Commit {
    private final ChangePlan plan;
    private final int commit;
    private final Path table;
    private final TableLog log;
    private final BenchRow row;
    private final List<RowFile> changes = new ArrayList<>();
    private int turn;
    private long updates;
    private long inserts;
    private long deletes;

    Commit(ChangePlan plan, int commit, Path table, TableLog log, BenchRow row) {
      this.plan = plan;
      this.commit = commit;
      this.table = table;
      this.log = log;
      this.row = row;
    }

    void write(List<String> current, int changeFiles, PrintWriter progress) throws IOException {
      try {
        for (int i = 0; i < changeFiles; i++) {
          String name = "_change_data/cdc-%05d-%d.snappy.parquet".formatted(i, commit);
          changes.add(RowFile.changes(table, name));
        }
        for (int file = 0; file < plan.files(); file++) {
          if (plan.rewrites(commit, file)) {
            log.remove(current.get(file));
            current.set(file, rewrite(file));
          }
        }
        insert();
      } finally {
        for (RowFile file : changes) {
          file.close();
        }
      }
      for (RowFile file : changes) {
        if (file.rows() > 0) {
          log.changes(file);
        } else {
          Files.delete(table.resolve(file.name()));
        }
      }
      log.commit("MERGE");
      progress.printf(
          "version %d: %,d updated, %,d inserted, %,d deleted%n",
          commit, updates, inserts, deletes);
      progress.flush();
    }

    private String rewrite(int file) throws IOException {
      RowFile out = RowFile.data(table, "part-%05d-%d.snappy.parquet".formatted(file, commit));
      try (out) {
        for (long number = plan.firstRow(file); number < plan.firstRow(file + 1); number++) {
          int before = plan.state(number, file, commit - 1);
          if (before != ChangePlan.GONE) {
            rewrite(number, before, plan.effect(number, commit), out);
          }
        }
      }
      log.add(out);
      return out.name();
    }

    private void rewrite(long number, int before, Effect effect, RowFile out) throws IOException {
      row.set(number, before);
      switch (effect) {
        case KEEP -> out.write(row);
        case DELETE -> {
          deletes++;
          change().write(row, "delete");
        }
        case UPDATE -> {
          updates++;
          RowFile change = change();
          change.write(row, "update_preimage");
          row.set(number, before + 1);
          change.write(row, "update_postimage");
          out.write(row);
        }
      }
    }

    private void insert() throws IOException {
      if (plan.insertsPerCommit() == 0) {
        return;
      }
      RowFile out = RowFile.data(table, "part-inserts-%d.snappy.parquet".formatted(commit));
      try (out) {
        long first = plan.firstInsert(commit);
        for (long number = first; number < first + plan.insertsPerCommit(); number++) {
          row.set(number, 0);
          inserts++;
          out.write(row);
          change().write(row, "insert");
        }
      }
      log.add(out);
    }

    private RowFile change() {
      turn = (turn + 1) % changes.size();
      return changes.get(turn);
    }
  }
}
