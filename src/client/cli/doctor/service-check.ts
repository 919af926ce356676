import { servicePlace } from '../service/environment.ts';
import { stateOf } from '../service/installation.ts';
import { servicePlan } from '../service/plan.ts';
import { type Finding, type Subject, well, wrong } from './finding.ts';

/** Whether the service, if there is one, starts this program on this folder; none is nothing wrong. */
export function checkService({ settings }: Subject): Finding[] {
  const state = stateOf(servicePlan(servicePlace(settings)));
  if (state === 'absent')
    return [well('service', '没有安装服务（可选）', 'no service is installed, which is optional')];
  if (state === 'installed') return [well('service', '服务已安装', 'the service is installed')];
  return [
    wrong(
      'service',
      { zh: '已安装的服务指向别处', en: 'the service that is installed is for another place' },
      { zh: '请运行 token-sync service install', en: 'run `token-sync service install`' },
    ),
  ];
}
