import { expect, test } from 'vitest';
import { mutated } from './build.ts';
import { MUTATIONS } from './mutations.ts';

test.each(MUTATIONS)('the protection that the mutant $name turns off is still where it was', (mutation) => {
  expect(mutated(mutation)).toContain(mutation.to);
});

test('a mutation whose text is gone fails loudly', () => {
  expect(() => mutated({ ...MUTATIONS[0]!, from: 'nowhere to be found' })).toThrow(/finds its text 0 times/);
});
