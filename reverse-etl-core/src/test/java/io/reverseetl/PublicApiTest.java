package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublicApiTest {
  @TempDir Path folder;

  @Test
  void changesOfTheApiAreDecidedOn() throws Exception {
    assertThat(PublicApi.changesOf("reverse-etl-core"))
        .as(PublicApi.advice("reverse-etl-core", "PublicApiTest"))
        .isEmpty();
  }

  private Path samples() throws Exception {
    Path home = Files.createDirectories(folder.resolve("classes/io/reverseetl"));
    try (Stream<Path> all = Files.list(Path.of("target/test-classes/io/reverseetl"))) {
      for (Path one :
          all.filter(each -> each.getFileName().toString().startsWith("ApiSamples")).toList()) {
        Files.copy(one, home.resolve(one.getFileName()));
      }
    }
    return folder.resolve("classes");
  }

  @Test
  void aLineForEachTypeAndMemberThatOthersSee() throws Exception {
    assertThat(PublicApi.changes(samples(), folder.resolve("none.txt")))
        .containsExactly(
            "+ io.reverseetl.ApiSamples public final class of java.lang.Object",
            "+ io.reverseetl.ApiSamples# public static final java.lang.String NAME",
            "+ io.reverseetl.ApiSamples$Ended public static final class of"
                + " io.reverseetl.ApiSamples$Hidden",
            "+ io.reverseetl.ApiSamples$Ended# public void inherited()",
            "+ io.reverseetl.ApiSamples$Shown public abstract static class <T extends"
                + " java.lang.Comparable<T>> of java.lang.Object,"
                + " io.reverseetl.ApiSamples$Sized, java.lang.Runnable",
            "+ io.reverseetl.ApiSamples$Shown# @Deprecated public final <E extends java.lang.Exception>"
                + " java.util.List<? super T> generic(java.lang.Class<E>, T...) throws E",
            "+ io.reverseetl.ApiSamples$Shown# protected ()",
            "+ io.reverseetl.ApiSamples$Shown# protected static int count",
            "+ io.reverseetl.ApiSamples$Shown# public default int size()");
  }

  @Test
  void tellsWhatCameAndWhatWent() throws Exception {
    Path decided = folder.resolve("decided.txt");
    List<String> all =
        PublicApi.changes(samples(), decided).stream().map(line -> line.substring(2)).toList();
    Files.write(decided, all);
    assertThat(PublicApi.changes(folder.resolve("classes"), decided)).isEmpty();
    String gone = "io.reverseetl.ApiSamples# public void sing()";
    Files.write(decided, Stream.concat(all.stream().skip(1), Stream.of(gone)).toList());

    assertThat(PublicApi.changes(folder.resolve("classes"), decided))
        .containsExactly("- " + gone, "+ " + all.get(0));
  }
}
