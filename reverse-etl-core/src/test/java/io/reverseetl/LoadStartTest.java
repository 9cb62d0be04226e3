package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.mockito.AdditionalAnswers.delegatesTo;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;

import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentSink;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.table.Column;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.Row;
import io.reverseetl.table.StructType;
import io.reverseetl.table.TableSnapshot;
import io.reverseetl.table.TableSource;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import io.reverseetl.testing.InMemoryTableSource;
import io.reverseetl.testing.ManualClock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a load begins: the target is asked while the table is opened. */
@Timeout(60)
class LoadStartTest {
  private final InMemoryTableSource table =
      InMemoryTableSource.of(
          StructType.of(Column.required("id", Primitive.STRING)), new ManualClock(), 10);
  private final InMemoryDocumentSink documents = InMemoryDocumentSink.of("/id");
  private final InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();

  private final TableSource source = mock(TableSource.class, delegatesTo(table));
  private final DocumentSink sink = mock(DocumentSink.class, delegatesTo(documents));

  /** Cursors that were opened and not closed. */
  private final AtomicInteger open = new AtomicInteger();

  /** Is down once the first row was read. */
  private final CountDownLatch firstRow = new CountDownLatch(1);

  @BeforeEach
  void commitRows() {
    table.commit(table.insert("a"), table.insert("b"));
    doAnswer(
            call -> {
              TableSnapshot snapshot = table.openSnapshot(call.getArgument(0));
              TableSnapshot watched = mock(TableSnapshot.class, delegatesTo(snapshot));
              doAnswer(part -> watch(snapshot.open(part.getArgument(0)))).when(watched).open(any());
              return watched;
            })
        .when(source)
        .openSnapshot(any());
  }

  private Cursor<Row> watch(Cursor<Row> rows) {
    open.incrementAndGet();
    return new Cursor<>() {
      @Override
      public boolean advance() {
        boolean more = rows.advance();
        firstRow.countDown();
        return more;
      }

      @Override
      public Row current() {
        return rows.current();
      }

      @Override
      public void close() {
        open.decrementAndGet();
        rows.close();
      }
    };
  }

  private InitialLoader loader() {
    DocumentMapper mapper =
        new DocumentMapper() {
          @Override
          public void map(Row row, Consumer<Document> mapped) {
            String id = row.getString("id");
            mapped.accept(Document.of(DocumentKey.of(id, id), Map.of()));
          }

          @Override
          public List<String> partitionKeyPaths() {
            return List.of("/id");
          }
        };
    return InitialLoader.of(
        Pipeline.builder("orders")
            .source(source)
            .mapper(mapper)
            .sink(sink)
            .checkpoints(checkpoints)
            .build());
  }

  @Test
  void readsTheFirstRowsWhileTheSinkConnects() {
    doAnswer(
            call -> {
              firstRow.await();
              return documents.describe();
            })
        .when(sink)
        .describe();

    LoadReport report = loader().load();

    assertThat(report.documentsWritten()).isEqualTo(2);
    assertThat(report.rowsRead()).isEqualTo(2);
    assertThat(documents.documents()).hasSize(2);
    assertThat(open).hasValue(0);
  }

  @Test
  void closesWhatItReadAheadWhenTheTargetDoesNotFit() {
    doAnswer(call -> new TargetDescription("elsewhere", List.of("/other"))).when(sink).describe();

    assertThatThrownBy(loader()::load)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("/other");

    assertThat(open).hasValue(0);
    assertThat(documents.documents()).isEmpty();
    assertThat(checkpoints.checkpoint("orders")).isEmpty();
  }

  @Test
  void tellsOfBothWhenNeitherTableNorTargetCanBeHad() {
    doThrow(new ConfigurationException("There is no container.")).when(sink).describe();
    doThrow(
            new TableReadException(
                TableReadException.Reason.TABLE_NOT_FOUND, "There is no table.", null))
        .when(source)
        .openSnapshot(any());

    Throwable failure = catchThrowable(loader()::load);

    assertThat(failure).isInstanceOf(TableReadException.class);
    assertThat(failure.getSuppressed()).singleElement().isInstanceOf(ConfigurationException.class);
  }

  @Test
  void usesTheSinkNoMoreOnceItHasThrown() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    AtomicInteger using = new AtomicInteger();
    doAnswer(
            call -> {
              using.incrementAndGet();
              asked.countDown();
              firstRow.await();
              using.decrementAndGet();
              return documents.describe();
            })
        .when(sink)
        .describe();
    doAnswer(
            call -> {
              asked.await();
              firstRow.countDown();
              throw new TableReadException(
                  TableReadException.Reason.UNAVAILABLE, "The storage failed.", null);
            })
        .when(source)
        .openSnapshot(any());

    assertThatThrownBy(loader()::load).isInstanceOf(TableReadException.class);

    assertThat(using).hasValue(0);
  }

  @Test
  void handsAnInterruptOnToTheSinkThatConnects() {
    Thread loading = Thread.currentThread();
    doAnswer(
            call -> {
              // The table is open then, and nothing is waited for but the sink.
              while (loading.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
              }
              loading.interrupt();
              new CountDownLatch(1).await();
              return null;
            })
        .when(sink)
        .describe();

    assertThatThrownBy(loader()::load).hasRootCauseInstanceOf(InterruptedException.class);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(documents.documents()).isEmpty();
  }
}
