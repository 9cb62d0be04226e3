package io.reverseetl.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a commit version. */
final class VersionConverter implements ITypeConverter<Long> {
  @Override
  public Long convert(String text) {
    try {
      long version = Long.parseLong(text);
      if (version >= 0) {
        return version;
      }
    } catch (NumberFormatException e) {
      throw new TypeConversionException("a version is a whole number from 0, not \"" + text + "\"");
    }
    throw new TypeConversionException("a version is not negative, but was " + text);
  }
}
