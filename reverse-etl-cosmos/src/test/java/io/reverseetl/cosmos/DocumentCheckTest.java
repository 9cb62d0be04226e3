package io.reverseetl.cosmos;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.Rejection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentCheckTest {
  private static final DocumentCheck NESTED = new DocumentCheck(List.of("/tenant", "/user/name"));

  private static Rejection check(DocumentCheck check, DocumentKey key, String body) {
    return check.check(
        new DocumentOperation.Upsert(
            Document.ofJson(key, body.replace('\'', '"').getBytes(UTF_8)), 1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'id':'7','tenant':'a','user':{'name':'b'}}",
        "{'user':{'x':{'name':'c'},'name':'b','tenant':1},'tenant':'a','id':'7','name':'d'}",
        "{'id':'7','tenant':'a','user':{'id':'8','name':'b'},'other':{'id':9}}"
      })
  void passesABodyThatRepeatsItsKey(String body) {
    assertThat(check(NESTED, DocumentKey.of("7", "a", "b"), body)).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'id':'8','tenant':'a','user':{'name':'b'}} | \"id\"",
        "{'tenant':'a','user':{'name':'b'}} | \"id\"",
        "{'id':'7','id':'8','tenant':'a','user':{'name':'b'}} | \"id\"",
        "{'id':'7','tenant':'x','user':{'name':'b'}} | /tenant",
        "{'id':'7','tenant':'a','user':{'name':null}} | /user/name",
        "{'id':'7','tenant':'a','user':{'name':{}}} | /user/name",
        "{'id':'7','tenant':'a','user':[{'name':'b'}]} | /user/name",
        "{'id':'7','tenant':'a','user':'b'} | /user/name",
        "{'id':'7','tenant':'a'} | /user/name",
        "{'id':'7','tenant':'a','user':{'name':'b'},'n':NaN} | no JSON",
        "{'id':'7','tenant':'a','user':{'name':'b'}}} | no JSON",
        "{'id':'7','tenant':'a','user':{'name':'b'}},{'id':'8'} | no JSON",
        "{'id':'7','tenant':'a','user':{'name':'b'}} {} | more than one",
      })
  void namesWhatIsWrongInABody(String body, String problem) {
    Rejection rejection = check(NESTED, DocumentKey.of("7", "a", "b"), body);

    assertThat(rejection).isNotNull();
    assertThat(rejection.reason()).isEqualTo(Rejection.Reason.INVALID);
    assertThat(rejection.message()).contains(problem).doesNotContain("'7'").doesNotContain("'a'");
  }

  @Test
  void comparesNumbersBooleansAndNullsByValue() {
    DocumentCheck check = new DocumentCheck(List.of("/k"));

    assertThat(check(check, DocumentKey.of("7", 5), "{'id':'7','k':5.0}")).isNull();
    assertThat(check(check, DocumentKey.of("7", 5), "{'id':'7','k':5e0}")).isNull();
    assertThat(check(check, DocumentKey.of("7", 0), "{'id':'7','k':-0.0}")).isNull();
    assertThat(check(check, DocumentKey.of("7", true), "{'id':'7','k':true}")).isNull();
    assertThat(check(check, DocumentKey.of("7", (Object) null), "{'id':'7','k':null}")).isNull();
    assertThat(check(check, DocumentKey.of("7", DocumentKey.ABSENT), "{'id':'7'}")).isNull();
    assertThat(check(check, DocumentKey.of("7", DocumentKey.ABSENT), "{'id':'7','k':[1]}"))
        .isNull();

    assertThat(check(check, DocumentKey.of("7", 5), "{'id':'7','k':'5'}")).isNotNull();
    assertThat(check(check, DocumentKey.of("7", 5), "{'id':'7','k':6}")).isNotNull();
    assertThat(check(check, DocumentKey.of("7", true), "{'id':'7','k':false}")).isNotNull();
    assertThat(check(check, DocumentKey.of("7", DocumentKey.ABSENT), "{'id':'7','k':null}"))
        .isNotNull();
    assertThat(check(check, DocumentKey.of("7", (Object) null), "{'id':'7'}")).isNotNull();
  }

  @Test
  void leavesAQuotedPathToTheService() {
    DocumentCheck check = new DocumentCheck(List.of("/\"a/b\""));

    assertThat(check(check, DocumentKey.of("7", "x"), "{'id':'7','a/b':'y'}")).isNull();
  }

  @Test
  void countsBytesAndNotCharacters() {
    DocumentCheck check = new DocumentCheck(List.of("/id"));
    for (String fits : List.of("x".repeat(1_023), "é".repeat(511), "你".repeat(341))) {
      assertThat(check(check, DocumentKey.of(fits, fits), "{'id':'" + fits + "'}")).isNull();
    }
    for (String over :
        List.of("x".repeat(1_024), "é".repeat(512), "你".repeat(342), "😀".repeat(256))) {
      assertThat(check(check, DocumentKey.of(over, over), "{'id':'" + over + "'}")).isNotNull();
    }
  }

  @Test
  void takesTwoMebibytesAndNotAByteMore() {
    DocumentCheck check = new DocumentCheck(List.of("/id"));
    String frame = "{'id':'7','t':''}";
    String fits =
        frame.replace(
            "''", "'" + "x".repeat(DocumentCheck.MAX_DOCUMENT_BYTES - frame.length()) + "'");

    assertThat(check(check, DocumentKey.of("7", "7"), fits)).isNull();
    Rejection over = check(check, DocumentKey.of("7", "7"), fits.replace("'x", "'xx"));
    assertThat(over.reason()).isEqualTo(Rejection.Reason.TOO_LARGE);
    assertThat(over.message()).contains("2097153").contains("2097152");
  }
}
