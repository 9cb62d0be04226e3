package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosException;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.document.Generation;
import io.reverseetl.document.SnapshotPointer;
import io.reverseetl.document.SnapshotTarget;
import io.reverseetl.document.StoredPointer;
import io.reverseetl.testing.ManualClock;
import java.io.File;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ActiveSnapshotIT {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static TestAccount account;

  private final ManualClock clock = new ManualClock();
  private CosmosAsyncContainer first;
  private CosmosAsyncContainer pointers;

  @BeforeAll
  static void openAccount() {
    account = TestAccount.emulated(1);
  }

  @AfterAll
  static void closeAccount() {
    account.close();
  }

  @BeforeEach
  void createContainers() {
    first = account.container(List.of("/region"));
    pointers = account.container(List.of("/id"));
  }

  @AfterEach
  void endFaults() {
    emulator().faults().clear();
  }

  private static CosmosEmulator emulator() {
    return account.emulator().orElseThrow();
  }

  private ActiveSnapshot active() {
    return ActiveSnapshot.builder(pointers, first.getId())
        .refreshAfter(Duration.ofSeconds(5))
        .maxStaleness(Duration.ofMinutes(2))
        .clock(clock)
        .build();
  }

  private static StoredPointer serve(SnapshotTarget target, String id) {
    Generation generation = Generation.staged(id, "memory:orders", "table-1", 7, NOW);
    Optional<StoredPointer> before = target.read();
    SnapshotPointer pointer =
        before.map(StoredPointer::pointer).orElse(SnapshotPointer.empty("orders"));
    return target.save(pointer.staging(generation).flippedTo(generation.served(9, 5), NOW), before);
  }

  @Test
  void showsTheContainerItselfBeforeTheFirstSwitch() {
    SnapshotView view = active().view();

    assertThat(view.containerName()).isEqualTo(first.getId());
    assertThat(view.generation()).isEmpty();
    assertThat(view.version()).isEmpty();
    assertThat(view.id("7")).isEqualTo("7");
    assertThat(view.filter("c")).isEqualTo("true");
  }

  @Test
  void showsTheContainerOfTheServedGeneration() {
    serve(CosmosSnapshotTarget.containers(first, pointers).build(), "1-aaaa");

    SnapshotView view = active().view();

    assertThat(view.containerName()).isEqualTo(first.getId() + "-1-aaaa");
    assertThat(view.generation()).contains("1-aaaa");
    assertThat(view.version()).hasValue(9);
    assertThat(view.id("7")).isEqualTo("7");
    assertThat(view.originalId("7")).isEqualTo("7");
    assertThat(view.filter("c")).isEqualTo("true");
  }

  @Test
  void showsHowIdsAndQueriesLookWhereGenerationsShareAContainer() {
    SnapshotTarget target = CosmosSnapshotTarget.flagged(first, pointers).build();
    StoredPointer served = serve(target, "1-aaaa");

    SnapshotView view = active().view();

    assertThat(view.containerName()).isEqualTo(first.getId());
    assertThat(view.id("7")).isEqualTo("1-aaaa~7");
    assertThat(view.originalId("1-aaaa~7")).isEqualTo("7");
    assertThat(view.filter("c")).isEqualTo("c[\"_generation\"] = \"1-aaaa\"");

    target.save(served.pointer().rolledBack(NOW), Optional.of(served));
    assertThat(active().view().filter("p")).isEqualTo("NOT IS_DEFINED(p[\"_generation\"])");
  }

  @Test
  void seesASwitchWhenWhatItKnowsIsOldEnough() {
    SnapshotTarget target = CosmosSnapshotTarget.containers(first, pointers).build();
    serve(target, "1-aaaa");
    ActiveSnapshot active = active();
    SnapshotView old = active.view();
    serve(target, "2-bbbb");

    clock.advance(Duration.ofSeconds(5).minusMillis(1));
    assertThat(active.view()).isEqualTo(old);
    clock.advance(Duration.ofMillis(1));
    assertThat(active.view().generation()).contains("2-bbbb");
  }

  @Test
  void goesOnWithWhatItKnowsWhileThePointerCannotBeReadAndNotForEver() {
    serve(CosmosSnapshotTarget.containers(first, pointers).build(), "1-aaaa");
    ActiveSnapshot active = active();
    SnapshotView known = active.view();
    emulator().faults().onRead().container(pointers.getId()).status(500);

    clock.advance(Duration.ofMinutes(2).minusMillis(1));
    assertThat(active.view()).isEqualTo(known);
    clock.advance(Duration.ofMillis(1));
    assertThatThrownBy(active::view).isInstanceOf(CosmosException.class);
  }

  @Test
  void readsAgainWhereTheContainerThatItKnewIsGone() {
    SnapshotTarget target = CosmosSnapshotTarget.containers(first, pointers).build();
    serve(target, "1-aaaa");
    ActiveSnapshot active = active();
    active.view();
    serve(target, "2-bbbb");
    List<String> read = new ArrayList<>();

    String found =
        active.read(
            view -> {
              read.add(view.generation().orElseThrow());
              if (read.size() == 1) {
                account.database().getContainer(view.containerName()).read().block();
              }
              return view.containerName();
            });

    assertThat(read).containsExactly("1-aaaa", "2-bbbb");
    assertThat(found).isEqualTo(first.getId() + "-2-bbbb");
  }

  @Test
  void worksWithoutTheCoreAndWhatItBringsAlong() throws Exception {
    serve(CosmosSnapshotTarget.containers(first, pointers).build(), "1-aaaa");
    List<URL> jars = new ArrayList<>();
    String core =
        Path.of(SnapshotTarget.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .toString();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      boolean loader =
          entry.equals(core)
              || entry.contains("reverse-etl-core")
              || entry.contains("delta-kernel")
              || entry.contains("hadoop")
              || entry.contains("parquet")
              || entry.contains("resilience4j");
      if (!loader) {
        jars.add(Path.of(entry).toUri().toURL());
      }
    }
    URI endpoint = emulator().endpoint();

    try (URLClassLoader reader =
        new URLClassLoader(jars.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      assertThatThrownBy(() -> reader.loadClass("io.reverseetl.document.SnapshotTarget"))
          .isInstanceOf(ClassNotFoundException.class);
      Class<?> builderClass = reader.loadClass("com.azure.cosmos.CosmosClientBuilder");
      Object builder = builderClass.getConstructor().newInstance();
      builderClass.getMethod("endpoint", String.class).invoke(builder, endpoint.toString());
      builderClass.getMethod("key", String.class).invoke(builder, emulator().key());
      builderClass.getMethod("gatewayMode").invoke(builder);
      Object client = builderClass.getMethod("buildAsyncClient").invoke(builder);
      try {
        Object database =
            client
                .getClass()
                .getMethod("getDatabase", String.class)
                .invoke(client, account.database().getId());
        Object container =
            database
                .getClass()
                .getMethod("getContainer", String.class)
                .invoke(database, pointers.getId());
        Class<?> active = reader.loadClass("io.reverseetl.cosmos.ActiveSnapshot");
        Object snapshot =
            active
                .getMethod("of", container.getClass(), String.class)
                .invoke(null, container, first.getId());
        Object view = active.getMethod("view").invoke(snapshot);

        assertThat(view.getClass().getMethod("containerName").invoke(view))
            .isEqualTo(first.getId() + "-1-aaaa");
      } finally {
        client.getClass().getMethod("close").invoke(client);
      }
    }
  }

  @Test
  void readsAgainWhenTheClockWasSetBack() {
    SnapshotTarget target = CosmosSnapshotTarget.containers(first, pointers).build();
    serve(target, "1-aaaa");
    ActiveSnapshot active = active();
    active.view();
    serve(target, "2-bbbb");

    clock.advance(Duration.ofHours(-1));

    assertThat(active.view().generation()).contains("2-bbbb");
  }

  @Test
  void goesOnWithNothingWhoseAgeTheClockHides() {
    serve(CosmosSnapshotTarget.containers(first, pointers).build(), "1-aaaa");
    ActiveSnapshot active = active();
    SnapshotView known = active.view();
    emulator().faults().onRead().status(503);

    clock.advance(Duration.ofSeconds(-1));
    assertThat(active.view()).isEqualTo(known);
    clock.advance(Duration.ofHours(-1));

    assertThatThrownBy(active::view).isInstanceOf(CosmosException.class);
  }
}
