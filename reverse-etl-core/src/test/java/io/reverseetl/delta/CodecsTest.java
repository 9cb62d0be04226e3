package io.reverseetl.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputDecompressor;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CodecsTest {
  private final AtomicInteger made = new AtomicInteger();
  private final CompressionCodecFactory others = mock();

  private CompressionCodecFactory make() {
    made.incrementAndGet();
    return others;
  }

  @ParameterizedTest
  @EnumSource(names = {"LZO", "BROTLI", "LZ4"})
  void saysWhichCodecItDoesNotKnow(CompressionCodecName codec) {
    CompressionCodecFactory codecs = Codecs.own();

    assertThatThrownBy(() -> codecs.getDecompressor(codec)).hasMessageContaining(codec.name());
  }

  @Test
  void asksOthersForWhatItDoesNotKnowAndMakesThemOnce() {
    BytesInputDecompressor brotli = mock();
    when(others.getDecompressor(CompressionCodecName.BROTLI)).thenReturn(brotli);
    CompressionCodecFactory codecs = Codecs.orElse(this::make);

    assertThat(codecs.getDecompressor(CompressionCodecName.BROTLI)).isSameAs(brotli);
    assertThat(codecs.getDecompressor(CompressionCodecName.BROTLI)).isSameAs(brotli);
    codecs.release();

    assertThat(made).hasValue(1);
    verify(others).release();
  }

  @Test
  void makesNoOthersWithoutNeed() {
    CompressionCodecFactory codecs = Codecs.orElse(this::make);

    codecs.getDecompressor(CompressionCodecName.SNAPPY);
    codecs.release();

    assertThat(made).hasValue(0);
  }
}
