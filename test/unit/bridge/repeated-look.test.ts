import { RepeatedLook } from '../../../bridge/src/repeated-look';
import { untilTrue } from '../../support/eventually';

it('looks again after each look has ended, and never two at once', async () => {
  let underWay = 0;
  let most = 0;
  let count = 0;
  const looks = new RepeatedLook(
    async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setTimeout(resolve, 5));
      underWay -= 1;
      count += 1;
    },
    () => 1,
  );
  looks.start();
  await untilTrue(() => count >= 3);
  await looks.stop();
  expect(most).toBe(1);
});

it('ends the look that is under way when it is stopped, and begins no other', async () => {
  let letGo = () => {};
  let ended = 0;
  const looks = new RepeatedLook(
    async () => {
      await new Promise<void>((resolve) => {
        letGo = resolve;
      });
      ended += 1;
    },
    () => 0,
  );
  looks.start();
  const stopped = looks.stop();
  expect(looks.isStopped).toBe(true);
  letGo();
  await stopped;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(ended).toBe(1);
});
