package dev.sallyport.data.workflow;

/**
 * Where in a run's code an entry belongs: the branch, and how many entries that branch had before.
 * Fixed when the code asks, not when it finishes.
 *
 * @param branch empty for the run itself; {@code 2.1} is the second branch (they count from 0) of
 *     the third {@link Run#all} there, {@code 2.1/0.3} a branch within it
 */
record Position(String branch, int ordinal) {
  @Override
  public String toString() {
    return branch.isEmpty()
        ? "entry " + (ordinal + 1)
        : "entry " + (ordinal + 1) + " of branch " + branch;
  }
}
