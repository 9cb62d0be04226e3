package io.reverseetl.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.document.Document;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType;
import io.reverseetl.table.DataType.ArrayType;
import io.reverseetl.table.DataType.MapType;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ColumnMapperTest {
  private static final StructType ADDRESS =
      TestRow.schema("city", Primitive.STRING, "zip", Primitive.STRING);
  private static final StructType TABLE =
      TestRow.schema(
          "id", Primitive.STRING,
          "region", Primitive.STRING,
          "total", Primitive.LONG,
          "address", ADDRESS,
          "items",
              new ArrayType(TestRow.schema("sku", Primitive.STRING, "n", Primitive.LONG), true));
  private static final TestRow ROW =
      new TestRow(
          TABLE, "1", "eu", 7L, TestRow.struct("Delft", "2611"), List.of(TestRow.struct("a", 1L)));

  @Test
  void writesTheIdFirstAndThenTheColumnsInTheirOrder() {
    assertThat(json(builder()))
        .isEqualTo(
            "{'id':'1','region':'eu','total':7,'address':{'city':'Delft','zip':'2611'},"
                + "'items':[{'sku':'a','n':1}]}");
  }

  @Test
  void givesTheSameDocumentForTheSameRowAgainAndAgain() {
    DocumentMapper bound = builder().build().bind(TABLE);
    List<Document> documents = new ArrayList<>();

    IntStream.range(0, 3).forEach(i -> bound.map(ROW, documents::add));
    builder().build().map(ROW, documents::add);

    assertThat(documents)
        .extracting(Document::text)
        .hasSize(4)
        .containsOnly(documents.get(0).text());
    assertThat(documents).extracting(Document::key).containsOnly(documents.get(0).key());
  }

  @Test
  void writesTheNextRowAfterOneThatFailed() {
    StructType table = Mapping.table(TestRow.schema("d", Primitive.DOUBLE));
    DocumentMapper bound = Mapping.builder().build().bind(table);
    List<Document> documents = new ArrayList<>();

    assertThatThrownBy(
            () ->
                bound.map(new TestRow(table, "1", "x", TestRow.struct(Double.NaN)), documents::add))
        .isInstanceOf(MappingException.class)
        .hasMessageContaining("\"v.d\"");
    bound.map(new TestRow(table, "2", "x", TestRow.struct(1.5)), documents::add);

    assertThat(documents)
        .extracting(Document::text)
        .containsExactly("{\"id\":\"2\",\"p\":\"x\",\"v\":{\"d\":1.5}}");
  }

  @Test
  void takesTheSameMapKeyInEveryRow() {
    StructType table = Mapping.table(new MapType(Primitive.STRING, Primitive.LONG, true));
    DocumentMapper bound = Mapping.builder().build().bind(table);
    TestRow row = new TestRow(table, "1", "x", List.of(Map.entry("k", 1L)));
    List<Document> documents = new ArrayList<>();

    bound.map(row, documents::add);
    bound.map(row, documents::add);

    assertThat(documents).extracting(Document::text).allMatch(json -> json.endsWith("{\"k\":1}}"));
  }

  @Test
  void writesDocumentsLargerThanItsBuffers() {
    String large = "é".repeat(3_000_000);
    StructType table = Mapping.table(Primitive.STRING);
    DocumentMapper bound = Mapping.builder().build().bind(table);
    List<Document> documents = new ArrayList<>();

    bound.map(new TestRow(table, "1", "x", large), documents::add);
    bound.map(new TestRow(table, "1", "x", "small"), documents::add);

    assertThat(Json.parse(documents.get(0)).get("v").textValue()).isEqualTo(large);
    assertThat(documents.get(1).text()).isEqualTo("{\"id\":\"1\",\"p\":\"x\",\"v\":\"small\"}");
  }

  @Test
  void anIdColumnCalledIdInAnyLetterCaseIsThePropertyId() {
    StructType table = TestRow.schema("ID", Primitive.LONG, "p", Primitive.STRING);
    ColumnMapper mapper = ColumnMapper.builder().id("ID").partitionKey("ID").build();

    Document document = Mapping.map(mapper, new TestRow(table, 7L, "x"));

    assertThat(document.text()).isEqualTo("{\"id\":\"7\",\"p\":\"x\"}");
    assertThat(mapper.partitionKeyPaths()).containsExactly("/id");
  }

  @Test
  void anIdColumnRenamedToIdIsThePropertyId() {
    StructType table =
        TestRow.schema("key", TestRow.schema("n", Primitive.LONG), "p", Primitive.STRING);
    ColumnMapper mapper =
        ColumnMapper.builder().id("key.n").rename("key.n", "id").partitionKey("key.n").build();

    Document document = Mapping.map(mapper, new TestRow(table, TestRow.struct(7L), "x"));

    assertThat(document.text()).isEqualTo("{\"id\":\"7\",\"p\":\"x\"}");
    assertThat(document.key().levels()).containsExactly("7");
  }

  @Test
  void anIdColumnOfAnotherNameStaysAsAFieldUnlessExcluded() {
    StructType table = TestRow.schema("key", Primitive.LONG, "p", Primitive.STRING);
    ColumnMapper.Builder builder = ColumnMapper.builder().id("key").partitionKey("p");
    TestRow row = new TestRow(table, 7L, "x");

    assertThat(Mapping.map(builder.build(), row).text())
        .isEqualTo("{\"id\":\"7\",\"key\":7,\"p\":\"x\"}");
    assertThat(Mapping.map(builder.exclude("key").build(), row).text())
        .isEqualTo("{\"id\":\"7\",\"p\":\"x\"}");
  }

  @Test
  void refusesAColumnCalledIdThatIsNotTheId() {
    StructType table =
        TestRow.schema("id", Primitive.LONG, "key", Primitive.STRING, "Id", Primitive.LONG);
    ColumnMapper.Builder builder = ColumnMapper.builder().id("key").partitionKey("key");
    TestRow row = new TestRow(table, 7L, "k", 8L);

    assertThatThrownBy(() -> builder.build().bind(table))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("for 2 reasons")
        .hasMessageContaining("/id would come from the document's id and from the column \"id\"")
        .hasMessageContaining("The property \"Id\"")
        .hasMessageContaining("letter case only. Rename or exclude");
    assertThat(Mapping.map(builder.rename("id", "number").exclude("Id").build(), row).text())
        .isEqualTo("{\"id\":\"k\",\"number\":7,\"key\":\"k\"}");
  }

  @Test
  void refusesToLoseAColumnCalledIdInAHashOrAJoin() {
    StructType table = TestRow.schema("id", Primitive.LONG, "p", Primitive.STRING);

    assertThatThrownBy(() -> Mapping.builder().idFormat(IdFormat.HASHED).build().bind(table))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("the column \"id\"");
    assertThatThrownBy(() -> Mapping.builder().id("id", "p").build().bind(table))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("the column \"id\"");
  }

  @Test
  void refusesReservedNames() {
    for (String name :
        List.of("_rid", "_self", "_etag", "_ts", "_attachments", Document.SOURCE_VERSION)) {
      StructType table =
          TestRow.schema("id", Primitive.STRING, "p", Primitive.STRING, name, Primitive.STRING);
      TestRow row = new TestRow(table, "1", "x", "y");

      assertThatThrownBy(() -> Mapping.builder().build().bind(table))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("The property \"" + name + "\"")
          .hasMessageContaining("Rename or exclude");
      assertThatThrownBy(
              () -> Mapping.builder().exclude(name).constant(name, 1).build().bind(table))
          .isInstanceOf(ConfigurationException.class);
      assertThat(Mapping.map(Mapping.builder().rename(name, "/own/" + name).build(), row).text())
          .endsWith(",\"own\":{\"" + name + "\":\"y\"}}");
    }
  }

  @Test
  void includesOnlyWhatIsNamedAndTheKeys() {
    assertThat(json(builder().include("address.city", "items.n")))
        .isEqualTo("{'id':'1','region':'eu','address':{'city':'Delft'},'items':[{'n':1}]}");
    assertThat(json(builder().include("address"))).contains("'zip':'2611'");
  }

  @Test
  void excludesWhatIsNamedEvenIfIncluded() {
    assertThat(json(builder().exclude("total", "address.zip", "items.sku")))
        .isEqualTo("{'id':'1','region':'eu','address':{'city':'Delft'},'items':[{'n':1}]}");
    assertThat(json(builder().include("address", "total").exclude("address.city")))
        .isEqualTo("{'id':'1','region':'eu','total':7,'address':{'zip':'2611'}}");
  }

  @Test
  void renamesToANameOrANestedPath() {
    assertThat(json(builder().exclude("items").rename("total", "sum").rename("region", "/a/b/c")))
        .isEqualTo(
            "{'id':'1','a':{'b':{'c':'eu'}},'sum':7,'address':{'city':'Delft','zip':'2611'}}");
    assertThat(json(builder().include("total").rename("total", "a.x").rename("region", "a.y")))
        .isEqualTo("{'id':'1','a':{'y':'eu','x':7}}");
    assertThat(json(builder().include("total").rename("total", "/a.x")))
        .isEqualTo("{'id':'1','region':'eu','a.x':7}");
  }

  @Test
  void movesFieldsOutOfAStruct() {
    ColumnMapper.Builder one = builder().include("address").rename("address.city", "city");
    ColumnMapper.Builder both =
        builder().include("address").rename("address.city", "city").rename("address.zip", "/p/zip");
    TestRow ofNull = new TestRow(TABLE, "1", "eu", 7L, null, List.of());

    assertThat(json(one))
        .isEqualTo("{'id':'1','region':'eu','address':{'zip':'2611'},'city':'Delft'}");
    assertThat(json(both)).isEqualTo("{'id':'1','region':'eu','city':'Delft','p':{'zip':'2611'}}");
    assertThat(json(both.nulls("address.city", NullPolicy.OMIT), ofNull))
        .isEqualTo("{'id':'1','region':'eu','p':{'zip':null}}");
    assertThat(json(both.nulls(NullPolicy.OMIT), ofNull))
        .isEqualTo("{'id':'1','region':'eu','p':{}}");
  }

  @Test
  void writesMovedFieldsInTheOrderOfTheRenames() {
    List<String> names = IntStream.range(0, 20).mapToObj(i -> "f" + i * 7 % 20).toList();
    StructType table =
        Mapping.table(
            StructType.of(names.stream().map(n -> Column.nullable(n, Primitive.LONG)).toList()));
    ColumnMapper.Builder builder = Mapping.builder();
    names.forEach(name -> builder.rename("v." + name, name));

    Document document = Mapping.map(builder.build(), new TestRow(table, "1", "x", null));

    assertThat(Json.parse(document).fieldNames())
        .toIterable()
        .containsSubsequence(names)
        .hasSize(22);
  }

  @Test
  void renamesFieldsInsideTheirStruct() {
    assertThat(
            json(
                builder()
                    .include("address")
                    .rename("address", "/home/address")
                    .rename("address.city", "/home/address/town")))
        .isEqualTo("{'id':'1','region':'eu','home':{'address':{'town':'Delft','zip':'2611'}}}");
  }

  @Test
  void refusesPropertiesThatMeet() {
    refuses(builder().rename("total", "region"), "/region would come from the column \"region\"");
    refuses(builder().rename("total", "/address/total"), "/address would come from");
    refuses(builder().rename("total", "/a").rename("region", "/a/b"), "/a would come from");
    refuses(builder().rename("region", "/a/b").rename("total", "/a"), "/a would come from");
    refuses(builder().constant("total", 1), "and from the constant \"total\"");
    refuses(builder().computed("total", row -> 1), "and from the computed property \"total\"");
    refuses(builder().constant("a", 1).constant("a", 2), "/a would come from");
    refuses(builder().rename("address.city", "/address/zip"), "Two fields of \"address\"");
    refuses(builder().constant("id", "x"), "/id would come from");
  }

  @Test
  void refusesToRenameInsideAnArray() {
    refuses(builder().rename("items.n", "n"), "inside an array or map");
    refuses(builder().id("items.sku"), "inside an array or map");
    refuses(builder().partitionKey("items.sku"), "inside an array or map");
  }

  @Test
  void namesEverythingThatDoesNotFitAtOnceWithTheNearestColumn() {
    ColumnMapper mapper =
        ColumnMapper.builder()
            .id("idd")
            .partitionKey("Region", "address.cty")
            .include("totl")
            .exclude("items.sk")
            .rename("nowhere_near", "x")
            .longs("region", LongFormat.STRING)
            .build();

    assertThatThrownBy(() -> mapper.columns(TABLE))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("The column mapper does not fit the table, for 7 reasons:")
        .hasMessageContaining(
            "id names the column \"idd\", which is not there. Did you mean \"id\"?")
        .hasMessageContaining("Did you mean \"region\"?")
        .hasMessageContaining("Did you mean \"address.city\"?")
        .hasMessageContaining("Did you mean \"total\"?")
        .hasMessageContaining("Did you mean \"items.sku\"?")
        .hasMessageContaining("\"nowhere_near\", which is not there. The columns are")
        .hasMessageContaining("longs says nothing about the column \"region\"")
        .hasMessageContaining("[id, region, total, address, items]");
  }

  @Test
  void namesEverythingThatIsMissingOrWrongWithoutATable() {
    assertThatThrownBy(
            () ->
                ColumnMapper.builder()
                    .rename("a", "b..c")
                    .rename("d", "e/f")
                    .constant("/", 1)
                    .build())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("id is missing")
        .hasMessageContaining("partitionKey is missing")
        .hasMessageContaining("rename \"b..c\" has an empty name in it")
        .hasMessageContaining("rename \"e/f\" has a / in a name")
        .hasMessageContaining("\"/\" has an empty name");
  }

  @Test
  void refusesToExcludeThePartitionKey() {
    refuses(builder().exclude("region"), "must hold its partition key");
  }

  @Test
  void refusesOptionsForColumnsThatAreNotMapped() {
    refuses(builder().exclude("total").longs("total", LongFormat.STRING), "which is not mapped");
    refuses(builder().exclude("total").rename("total", "x"), "which is not mapped");
    refuses(builder().dates("total", DateFormat.ISO), "dates says nothing");
    refuses(builder().maps("items", MapFormat.ENTRIES), "maps says nothing");
    refuses(builder().decimals("totall", DecimalFormat.STRING), "Did you mean \"total\"?");
  }

  @Test
  void readsOnlyTheColumnsThatItNeeds() {
    assertThat(builder().build().columns(TABLE)).isEmpty();
    assertThat(builder().include("address.city").build().columns(TABLE))
        .contains(List.of("id", "region", "address"));
    assertThat(builder().exclude("items", "address.city").build().columns(TABLE))
        .contains(List.of("id", "region", "total", "address"));
    assertThat(builder().id("total").exclude("total", "id").build().columns(TABLE))
        .contains(List.of("region", "total", "address", "items"));
    assertThat(builder().include("total").computed("c", row -> 1).build().columns(TABLE)).isEmpty();
  }

  @Test
  void bindsToTheColumnsThatItAskedFor() {
    ColumnMapper mapper = builder().exclude("total", "items").build();
    StructType projected =
        StructType.of(
            TABLE.columns().stream()
                .filter(c -> mapper.columns(TABLE).orElseThrow().contains(c.name()))
                .toList());
    TestRow row = new TestRow(projected, "1", "eu", TestRow.struct("Delft", "2611"));

    assertThat(Mapping.map(mapper, row).text()).contains("Delft");
  }

  @Test
  void refusesToExcludeAColumnThatIsNotThere() {
    assertThatThrownBy(() -> builder().exclude("adress").build().columns(TABLE))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("Did you mean \"address\"?");
  }

  @Test
  void addsConstantsAndComputedProperties() {
    AtomicInteger calls = new AtomicInteger();

    assertThat(
            json(
                builder()
                    .include("total")
                    .constant("type", "order")
                    .constant("/meta/tags", Arrays.asList(1, null, Map.of("a", true)))
                    .constant("nothing", null)
                    .nulls(NullPolicy.OMIT)
                    .computed("double", row -> row.getLong("total") * 2 * calls.incrementAndGet())
                    .computed("none", row -> null)
                    .computed("kept", row -> null)
                    .nulls("kept", NullPolicy.WRITE)))
        .isEqualTo(
            "{'id':'1','region':'eu','total':7,'type':'order',"
                + "'meta':{'tags':[1,null,{'a':true}]},'nothing':null,'double':14,'kept':null}");
    assertThat(calls).hasValue(1);
  }

  @Test
  void canMakeTheIdOfAComputedProperty() {
    assertThat(
            json(
                builder()
                    .include("total")
                    .exclude("id")
                    .id("id")
                    .computed("id", row -> "n" + row.getLong("total"))))
        .isEqualTo("{'id':'n7','region':'eu','total':7}");
    assertThat(json(builder().id("key").exclude("id").include("total").computed("key", row -> 9L)))
        .isEqualTo("{'id':'9','region':'eu','total':7,'key':9}");
    assertThatThrownBy(() -> json(builder().id("key").exclude("id").computed("key", row -> 1.5)))
        .isInstanceOf(MappingException.class)
        .hasMessageContaining("\"key\" is a Double");
  }

  @Test
  void holdsComputedValuesToTheRulesOfColumns() {
    for (Object bad :
        List.of(
            Double.NaN,
            Float.NaN,
            (1L << 53) + 1,
            new java.math.BigDecimal("0.12345678901234567890"),
            java.math.BigInteger.TEN.pow(30).add(java.math.BigInteger.ONE),
            "\ud83d",
            Map.of(1, 2),
            List.of(Map.of("\ud83d", 1)),
            new Object(),
            new AtomicInteger())) {
      assertThatThrownBy(() -> json(builder().computed("c", row -> bad)))
          .as("%s", bad)
          .isInstanceOf(MappingException.class)
          .hasMessageContaining("\"c\"");
      assertThatIllegalArgumentException().isThrownBy(() -> builder().constant("c", bad));
    }
  }

  @Test
  void saysWhichFunctionFailed() {
    assertThatThrownBy(
            () ->
                json(
                    builder()
                        .computed(
                            "c",
                            row -> {
                              throw new IllegalStateException("secret");
                            })))
        .isInstanceOf(MappingException.class)
        .hasMessageContaining("\"c\" failed with java.lang.IllegalStateException")
        .hasMessageNotContaining("secret")
        .hasRootCauseMessage("secret");
  }

  @Test
  void checksTheTimeToLive() {
    for (DataType type : List.of(Primitive.STRING, Primitive.DOUBLE, Primitive.BOOLEAN, ADDRESS)) {
      StructType table = ttlTable(type);
      assertThatThrownBy(() -> Mapping.builder().build().bind(table))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("/ttl");
      Mapping.builder().rename("ttl", "timeToLive").build().bind(table);
    }
    assertThatThrownBy(
            () -> Mapping.builder().longs(LongFormat.STRING).build().bind(ttlTable(Primitive.LONG)))
        .isInstanceOf(ConfigurationException.class);
    assertThat(ttl(Primitive.INTEGER, 60)).endsWith(",\"ttl\":60}");
    assertThat(ttl(Primitive.LONG, -1L)).endsWith(",\"ttl\":-1}");
    assertThat(ttl(Primitive.SHORT, (short) 1)).endsWith(",\"ttl\":1}");
    assertThat(ttl(Primitive.BYTE, (byte) 1)).endsWith(",\"ttl\":1}");
    assertThat(ttl(Primitive.INTEGER, null)).doesNotContain("ttl");
    assertThat(json(builder().computed("ttl", row -> null))).doesNotContain("ttl");
    for (long bad : List.of(0L, -2L, 1L << 31)) {
      assertThatThrownBy(() -> ttl(Primitive.LONG, bad))
          .isInstanceOf(MappingException.class)
          .hasMessageContaining("\"ttl\" must be a whole number of seconds");
      assertThatThrownBy(() -> json(builder().computed("ttl", row -> bad)))
          .isInstanceOf(MappingException.class);
      refuses(builder().constant("ttl", bad), "\"ttl\" must be a whole number");
    }
    assertThat(json(builder().include("total").computed("ttl", row -> 5).constant("/a/ttl", "x")))
        .endsWith("'total':7,'ttl':5,'a':{'ttl':'x'}}");
  }

  @Test
  void findsAColumnWhoseNameHasDotsBeforeAField() {
    StructType table =
        TestRow.schema(
            "id", Primitive.STRING,
            "p", Primitive.STRING,
            "a.b", Primitive.LONG,
            "a", TestRow.schema("b", Primitive.LONG));
    TestRow row = new TestRow(table, "1", "x", 1L, TestRow.struct(2L));

    assertThat(Mapping.map(Mapping.builder().exclude("a.b").build(), row).text())
        .isEqualTo("{\"id\":\"1\",\"p\":\"x\",\"a\":{\"b\":2}}");
    assertThatThrownBy(() -> Mapping.builder().partitionKey("a.b").build().bind(table))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("has a dot or a slash in it");
  }

  @Test
  void reachesThroughMapsAndArraysWithOptions() {
    StructType table =
        Mapping.table(
            new MapType(
                Primitive.STRING,
                new ArrayType(TestRow.schema("n", Primitive.LONG, "m", Primitive.LONG), true),
                true));
    TestRow row =
        new TestRow(table, "1", "x", List.of(Map.entry("k", List.of(TestRow.struct(1L, null)))));

    assertThat(
            Mapping.map(
                    Mapping.builder()
                        .longs("v.n", LongFormat.STRING)
                        .nulls("v.m", NullPolicy.OMIT)
                        .build(),
                    row)
                .text())
        .endsWith("\"v\":{\"k\":[{\"n\":\"1\"}]}}");
  }

  @Test
  void boundMappersOfOneMapperDoNotDisturbEachOther() {
    ColumnMapper mapper = builder().build();
    DocumentMapper first = mapper.bind(TABLE);
    DocumentMapper second = first.bind(TABLE);
    TestRow other = new TestRow(TABLE, "2", "us", 8L, null, null);
    List<Document> documents = new ArrayList<>();

    first.map(ROW, document -> second.map(other, documents::add));
    first.map(ROW, documents::add);

    assertThat(second).isNotSameAs(first);
    assertThat(documents.get(0).key().id()).isEqualTo("2");
    assertThat(documents.get(1).key().id()).isEqualTo("1");
    assertThat(first.partitionKeyPaths()).containsExactly("/region");
    assertThat(first.columns(TABLE)).isEmpty();
  }

  private static ColumnMapper.Builder builder() {
    return ColumnMapper.builder().id("id").partitionKey("region");
  }

  private static String json(ColumnMapper.Builder builder) {
    return json(builder, ROW);
  }

  private static String json(ColumnMapper.Builder builder, TestRow row) {
    Document document = Mapping.map(builder.build(), row);
    Json.parse(document);
    return document.text().replace('"', '\'');
  }

  private static void refuses(ColumnMapper.Builder builder, String saying) {
    ColumnMapper mapper = builder.build();
    assertThatThrownBy(() -> mapper.bind(TABLE))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(saying);
  }

  private static StructType ttlTable(DataType type) {
    return TestRow.schema("id", Primitive.STRING, "p", Primitive.STRING, "ttl", type);
  }

  private static String ttl(DataType type, Object value) {
    return Mapping.map(Mapping.builder().build(), new TestRow(ttlTable(type), "1", "x", value))
        .text();
  }
}
