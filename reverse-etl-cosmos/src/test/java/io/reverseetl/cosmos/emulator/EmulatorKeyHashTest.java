package io.reverseetl.cosmos.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmulatorKeyHashTest {
  private static PartitionKeyDefinition definition(String kind, int version, String... paths) {
    ObjectNode json = Json.object().put("kind", kind).put("version", version);
    for (String path : paths) {
      json.withArray("paths").add(path);
    }
    return PartitionKeyDefinition.parse(json);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[\"redmond\"]|22E342F38A486A088463DFF7838A5963|05C1EFE313830C087366656E706F6500",
        "[\"\"]|32E9366E637A71B4E710384B2F4970A0|05C1CF33970FF80800",
        "[\"é你\"]|2312983F9081F97DAE85DEFC15DA79B7|05C1CF8D13BB1808C4AAE5BEA100",
        "[5]|19C08621B135968252FB34B4CF66F811|05C1D9C1C5517C05C014",
        "[0]|155B95BEDAC4B1E9EC1CDC9BB0DDDE58|05C1BF6DA11560058000",
        "[-1.5]|151793206780805FF6E1DCAE6C787B6A|05C1E901090F44054008",
        "[true]|0E711127C5B5A8E4726AC6DD306A3E59|05C1D7C5A903D803",
        "[false]|2FE1BE91E90A3439635E0E9E37361EF2|05C1DB857D857C02",
        "[null]|378867E4430E67857ACE5C908374FE16|05C1ED45D7475601",
      })
  void hashesLikeTheService(String key, String second, String first) {
    PartitionKeyValue value = PartitionKeyValue.parse(key);

    assertThat(PartitionKeyDefinition.hex(definition("Hash", 2, "/a").effectiveKey(value)))
        .isEqualTo(second);
    assertThat(PartitionKeyDefinition.hex(definition("Hash", 1, "/a").effectiveKey(value)))
        .isEqualTo(first);
  }

  @Test
  void hashesEveryLevelOfAHierarchicalKeyOnItsOwn() {
    PartitionKeyDefinition definition = definition("MultiHash", 2, "/a", "/b");

    byte[] whole = definition.effectiveKey(PartitionKeyValue.of("t1", "u1"));
    byte[] prefix = definition.effectiveKey(PartitionKeyValue.of("t1"));

    assertThat(PartitionKeyDefinition.hex(whole))
        .isEqualTo("3D48BB14DA9D090D22112C96695028B62A947C94F6E254B945CEBC3196C9897C")
        .startsWith(PartitionKeyDefinition.hex(prefix));
  }

  @Test
  void dividesTheKeySpaceEvenly() {
    PartitionKeyDefinition definition = definition("Hash", 2, "/a");

    assertThat(definition.boundaries(4))
        .extracting(PartitionKeyDefinition::hex)
        .containsExactly(
            "",
            "0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
            "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
            "2FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
            "FF");
  }
}
