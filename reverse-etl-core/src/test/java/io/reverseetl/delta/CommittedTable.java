package io.reverseetl.delta;

import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A Delta table that grows while somebody reads it: each commit inserts, updates, moves and deletes
 * random rows, and appears in one step. Columns {@code id}, {@code pk} and {@code n}. For one
 * writing thread; any number of processes may read meanwhile.
 */
public final class CommittedTable {
  private static final int REGIONS = 5;

  private final HandMadeTable table;
  private final Random random;

  /** The rows, by id: region and number. */
  private final TreeMap<String, Values> rows = new TreeMap<>();

  private final Map<String, String> files = new TreeMap<>();
  private int ids;

  /**
   * What a row holds besides its id.
   *
   * @param region the partition key
   * @param n a number that changes at every update
   */
  public record Values(String region, long n) {}

  private CommittedTable(Path folder, long seed) {
    this.table =
        new HandMadeTable(
            folder,
            new StructType()
                .add("id", StringType.STRING, false)
                .add("pk", StringType.STRING, false)
                .add("n", LongType.LONG, false));
    this.random = new Random(seed);
  }

  /**
   * Creates a table with some rows.
   *
   * @param folder where it goes; must not exist
   * @param seed what happens to the rows
   * @param count how many rows version 0 has
   * @return the table
   */
  public static CommittedTable create(Path folder, long seed, int count) {
    CommittedTable made = new CommittedTable(folder, seed);
    List<String> actions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      made.insert(actions);
    }
    made.table.create(actions.toArray(String[]::new));
    made.files.replaceAll((id, file) -> file.substring(4));
    return made;
  }

  /**
   * Commits a few changes.
   *
   * @return the new version
   */
  public long commit() {
    List<String> actions = new ArrayList<>();
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      insert(actions);
    }
    List<String> chosen = new ArrayList<>(rows.keySet());
    Collections.shuffle(chosen, random);
    for (String id : chosen.subList(0, Math.min(chosen.size(), 1 + random.nextInt(6)))) {
      if (files.get(id).startsWith("new ")) {
        continue; // It is of this commit.
      }
      actions.add(table.remove(files.remove(id)).toString());
      Values old = rows.remove(id);
      if (random.nextInt(4) > 0) {
        put(id, random.nextInt(3) == 0 ? region() : old.region(), actions);
      }
    }
    files.replaceAll((id, file) -> file.startsWith("new ") ? file.substring(4) : file);
    return table.commit(actions.toArray(String[]::new));
  }

  private void insert(List<String> actions) {
    put("row-" + ids++, region(), actions);
  }

  private void put(String id, String region, List<String> actions) {
    Values values = new Values(region, random.nextInt(1_000_000));
    String file = table.write(new Object[] {id, values.region(), values.n()});
    actions.add(table.add(file).toString());
    rows.put(id, values);
    files.put(id, "new " + file);
  }

  private String region() {
    return "region-" + random.nextInt(REGIONS);
  }

  /**
   * The rows as the last commit left them.
   *
   * @return a copy, by id
   */
  public Map<String, Values> rows() {
    return new TreeMap<>(rows);
  }

  /**
   * The newest version.
   *
   * @return the version
   */
  public long version() {
    return table.version();
  }
}
