package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.ExcludedPath;
import com.azure.cosmos.models.IndexingPolicy;
import com.azure.cosmos.models.ThroughputProperties;
import com.azure.cosmos.models.UniqueKey;
import com.azure.cosmos.models.UniqueKeyPolicy;
import io.reverseetl.document.Generation;
import io.reverseetl.document.SnapshotPointer;
import io.reverseetl.document.SnapshotTarget;
import io.reverseetl.document.SnapshotTargetContract;
import io.reverseetl.document.StoredPointer;
import io.reverseetl.exceptions.ConfigurationException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The target against an account: the emulator, or the one in the environment. */
class CosmosSnapshotTargetIT {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static TestAccount account;

  @BeforeAll
  static void openAccount() {
    account = TestAccount.open();
  }

  @AfterAll
  static void closeAccount() {
    account.close();
  }

  private static Generation generation(String id) {
    return Generation.staged(id, "memory:orders", "table-1", 7, NOW);
  }

  @Nested
  class WithContainers extends SnapshotTargetContract {
    private CosmosAsyncContainer first;
    private CosmosAsyncContainer pointers;

    @BeforeEach
    void createContainers() {
      first = account.container(List.of("/region"));
      pointers = account.container(List.of("/id"));
    }

    @Override
    protected SnapshotTarget target() {
      return CosmosSnapshotTarget.containers(first, pointers).build();
    }

    @Test
    void givesANewContainerTheSettingsOfTheServedOne() {
      CosmosContainerProperties settings =
          new CosmosContainerProperties(
              account.newName(), first.read().block().getProperties().getPartitionKeyDefinition());
      settings.setDefaultTimeToLiveInSeconds(86_400);
      settings.setIndexingPolicy(
          new IndexingPolicy().setExcludedPaths(List.of(new ExcludedPath("/notes/*"))));
      settings.setUniqueKeyPolicy(
          new UniqueKeyPolicy().setUniqueKeys(List.of(new UniqueKey(List.of("/number")))));
      account
          .database()
          .createContainer(settings, ThroughputProperties.createAutoscaledThroughput(4_000))
          .block();
      CosmosAsyncContainer model = account.database().getContainer(settings.getId());
      SnapshotTarget target = CosmosSnapshotTarget.containers(model, pointers).build();
      StoredPointer empty = target.save(SnapshotPointer.empty("orders"), Optional.empty());
      Generation served = generation("1-aaaa");
      target.save(empty.pointer().staging(served).with(served.served(7, 0)), Optional.of(empty));
      target.stage(served);

      // The second one is like the first, which is served; the model may be gone by then.
      model.delete().block();
      target.stage(generation("2-bbbb"));

      CosmosAsyncContainer made = account.database().getContainer(settings.getId() + "-2-bbbb");
      CosmosContainerProperties found = made.read().block().getProperties();
      assertThat(found.getPartitionKeyDefinition().getPaths()).containsExactly("/region");
      assertThat(found.getDefaultTimeToLiveInSeconds()).isEqualTo(86_400);
      assertThat(found.getIndexingPolicy().getExcludedPaths())
          .extracting(ExcludedPath::getPath)
          .contains("/notes/*");
      assertThat(found.getUniqueKeyPolicy().getUniqueKeys())
          .extracting(UniqueKey::getPaths)
          .containsExactly(List.of("/number"));
      assertThat(
              Objects.requireNonNull(made.readThroughput().block())
                  .getProperties()
                  .getAutoscaleMaxThroughput())
          .isEqualTo(4_000);
    }

    @Test
    void givesANewContainerTheSettingsThatWereChanged() {
      SnapshotTarget target =
          CosmosSnapshotTarget.containers(first, pointers)
              .settings(properties -> properties.setDefaultTimeToLiveInSeconds(60))
              .throughput(ThroughputProperties.createManualThroughput(700))
              .build();

      target.stage(generation("1-aaaa"));

      CosmosAsyncContainer made = account.database().getContainer(first.getId() + "-1-aaaa");
      assertThat(made.read().block().getProperties().getDefaultTimeToLiveInSeconds()).isEqualTo(60);
      assertThat(made.readThroughput().block().getProperties().getManualThroughput())
          .isEqualTo(700);
      assertThat(first.read().block().getProperties().getDefaultTimeToLiveInSeconds()).isNull();
    }

    @Test
    void neverRemovesTheContainerThatItDidNotMake() {
      StoredPointer stored = target().save(SnapshotPointer.empty("orders"), Optional.empty());
      Generation given = generation("1-aaaa");
      StoredPointer listed =
          target()
              .save(stored.pointer().staging(given).with(given.discarded()), Optional.of(stored));

      target().discard(given.discarded());
      target().save(listed.pointer().without("1-aaaa"), Optional.of(listed));

      assertThat(first.read().block().getStatusCode()).isEqualTo(200);
      assertThatThrownBy(() -> target().discard(given.discarded()))
          .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void saysThatThereIsNoContainerToTakeTheSettingsFrom() {
      SnapshotTarget target =
          CosmosSnapshotTarget.containers(account.database().getContainer("missing"), pointers)
              .build();

      assertThatThrownBy(() -> target.stage(generation("1-aaaa")))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("missing");
    }

    @Test
    void refusesAPointerOfTheOtherStrategy() {
      target().save(SnapshotPointer.empty("orders"), Optional.empty());
      SnapshotTarget flagged = CosmosSnapshotTarget.flagged(first, pointers).build();

      assertThatThrownBy(flagged::read)
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("\"container\"")
          .hasMessageContaining("\"flag\"");
    }

    @Test
    void refusesAContainerOfPointersWithAnotherPartitionKey() {
      SnapshotTarget target = CosmosSnapshotTarget.containers(first, first).build();

      assertThatThrownBy(target::read)
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("/region");
    }
  }

  @Nested
  class WithAFlag extends SnapshotTargetContract {
    private CosmosAsyncContainer shared;
    private CosmosAsyncContainer pointers;

    @BeforeEach
    void createContainers() {
      shared = account.container(List.of("/region"));
      pointers = account.container(List.of("/id"));
    }

    @Override
    protected SnapshotTarget target() {
      return CosmosSnapshotTarget.flagged(shared, pointers).build();
    }

    @Override
    protected boolean tellsThatAGenerationIsGone() {
      return false; // The container is there, and nothing of the generation is in it.
    }

    @Test
    void refusesAContainerWhoseUniqueKeysTwoGenerationsCannotKeep() {
      CosmosContainerProperties settings =
          new CosmosContainerProperties(
              account.newName(), shared.read().block().getProperties().getPartitionKeyDefinition());
      settings.setUniqueKeyPolicy(
          new UniqueKeyPolicy().setUniqueKeys(List.of(new UniqueKey(List.of("/number")))));
      SnapshotTarget target =
          CosmosSnapshotTarget.flagged(account.container(settings), pointers).build();

      assertThatThrownBy(() -> target.stage(generation("1-aaaa")))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("/number")
          .hasMessageContaining("_generation");
    }
  }
}
