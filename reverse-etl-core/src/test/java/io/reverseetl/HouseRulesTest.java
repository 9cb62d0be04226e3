package io.reverseetl;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The walls of docs/architecture.md, held up by the build. */
@AnalyzeClasses(packages = "io.reverseetl", importOptions = DoNotIncludeTests.class)
class HouseRulesTest {
  private static final String[] KERNEL_SIDE = {
    "io.delta..", "org.apache.parquet..", "org.apache.hadoop..", "org.roaringbitmap.."
  };

  @ArchTest
  static final ArchRule onlyTheDeltaPackageKnowsKernelParquetAndHadoop =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.reverseetl.delta..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(KERNEL_SIDE);

  @ArchTest
  static final ArchRule nobodyHereKnowsAzure =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.azure..", "reactor..", "io.netty..");

  @ArchTest
  static final ArchRule oneClassKnowsResilience4j =
      noClasses()
          .that()
          .doNotHaveSimpleName("Resilience4jRateLimiter")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.github.resilience4j..");

  @ArchTest
  static final ArchRule onlyTheMetricsPackageKnowsMicrometer =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.reverseetl.metrics..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.micrometer..", "io.reverseetl.metrics..");

  @ArchTest
  static final ArchRule nounsDoNotKnowEachOther =
      slices()
          .matching("io.reverseetl.(document|table|checkpoint|ratelimit|storage)..")
          .should()
          .notDependOnEachOther();

  @ArchTest
  static final ArchRule nounsKnowOnlyExceptions =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.reverseetl.document..",
              "io.reverseetl.table..",
              "io.reverseetl.checkpoint..",
              "io.reverseetl.ratelimit..",
              "io.reverseetl.storage..",
              "io.reverseetl.exceptions..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.reverseetl",
              "io.reverseetl.mapping..",
              "io.reverseetl.delta..",
              "io.reverseetl.testing..");

  @ArchTest
  static final ArchRule theMiddleFloorKnowsOnlyNouns =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.reverseetl.mapping..", "io.reverseetl.delta..", "io.reverseetl.reduce..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.reverseetl", "io.reverseetl.testing..");

  @ArchTest
  static final ArchRule roomsOfTheMiddleFloorDoNotKnowEachOther =
      slices().matching("io.reverseetl.(delta|mapping|reduce)..").should().notDependOnEachOther();

  @ArchTest
  static final ArchRule onlyTheFrontDoorKnowsTheReducer =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.reverseetl", "io.reverseetl.reduce..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.reverseetl.reduce..");

  @ArchTest
  static final ArchRule theLibraryDoesNotUseItsFakes =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.reverseetl.testing..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.reverseetl.testing..");

  @ArchTest
  static final ArchRule noCircles =
      slices().matching("io.reverseetl.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule exceptionsHaveOneRoot =
      classes()
          .that()
          .resideInAPackage("io.reverseetl.exceptions..")
          .and()
          .haveSimpleNameEndingWith("Exception")
          .should()
          .beAssignableTo("io.reverseetl.exceptions.ReverseEtlException");

  @ArchTest
  static final ArchRule stateIsNeverStatic =
      fields().that().areStatic().should().haveModifier(JavaModifier.FINAL);

  @ArchTest
  static final ArchRule publicSignaturesAreFreeOfKernel =
      classes().that().arePublic().and().areNotAnnotations().should(showNothingOf(KERNEL_SIDE));

  @ArchTest
  static final ArchRule publicSignaturesAreFreeOfTheReducer =
      classes()
          .that()
          .arePublic()
          .and()
          .resideOutsideOfPackage("io.reverseetl.reduce..")
          .should(showNothingOf("io.reverseetl.reduce.."));

  private static ArchCondition<JavaClass> showNothingOf(String... packages) {
    return new ArchCondition<>("show no type of " + List.of(packages) + " in public signatures") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        type.getCodeUnits().stream()
            .filter(
                member ->
                    member.getModifiers().contains(JavaModifier.PUBLIC)
                        || member.getModifiers().contains(JavaModifier.PROTECTED))
            .filter(member -> !isTheEngineFactory(type, member.getName()))
            .forEach(
                member ->
                    Stream.concat(
                            Stream.of(member.getRawReturnType()),
                            member.getRawParameterTypes().stream())
                        .filter(resideInAnyPackage(packages))
                        .forEach(
                            foreign ->
                                events.add(
                                    SimpleConditionEvent.violated(
                                        member,
                                        member.getFullName() + " shows " + foreign.getName()))));
      }
    };
  }

  /** The one documented exception: a factory that accepts an Engine. */
  private static boolean isTheEngineFactory(JavaClass type, String method) {
    return resideInAPackage("io.reverseetl.delta").test(type)
        && Set.of("engine", "open").contains(method);
  }
}
