package io.reverseetl;

import java.util.List;

/** What {@link PublicApiTest} looks at. */
public final class ApiSamples {
  /** Is shown. */
  public static final String NAME = "samples";

  private ApiSamples() {}

  /** Is shown, for subclasses too, with what it has from an interface that is not. */
  public abstract static class Shown<T extends Comparable<T>> implements Runnable, Sized {
    /** Is shown. */
    protected static int count;

    /** Is shown. */
    protected Shown() {}

    /** Is shown. */
    @Deprecated
    @SafeVarargs
    public final <E extends Exception> List<? super T> generic(Class<E> type, T... more) throws E {
      return List.of(more);
    }

    void hidden() {}
  }

  /** Is shown, but can have no subclass. */
  public static final class Ended extends Hidden {
    Ended() {}

    @Override
    protected void forSubclasses() {}
  }

  abstract static class Hidden {
    protected abstract void forSubclasses();

    /** Is shown by those below. */
    public void inherited() {}
  }

  interface Sized {
    /** Is shown by those below. */
    default int size() {
      return 0;
    }
  }
}
