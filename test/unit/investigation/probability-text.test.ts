import { probabilityText } from '../../../operations/investigation/probability-text';

test.each([
  [0, 'under 0.01'],
  [0.0049, 'under 0.01'],
  [0.005, '0.01'],
  [0.1, '0.10'],
  [0.994, '0.99'],
  [0.9949999, '0.99'],
  [0.995, 'over 0.99'],
  [1, 'over 0.99'],
])('%d is told as %s', (probability, text) => {
  expect(probabilityText(probability)).toBe(text);
});
